package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;

/**
 * The rows of one key that a model is fitted to.
 *
 * @param schema what their columns are
 * @param rows the rows, in canonical order
 * @param holdout the rule by which other rows were kept for judging the model; {@link #split} goes
 *     by it again
 */
public record TrainingTable(TableSchema schema, RowBlock rows, Holdout holdout) {
  public TrainingTable {
    if (schema.features().size() != rows.features()) {
      throw new IllegalArgumentException(
          "cannot read rows of "
              + rows.features()
              + " features with a schema of "
              + schema.features().size());
    }
  }

  /** Rows from which none were held out. */
  public TrainingTable(TableSchema schema, RowBlock rows) {
    this(schema, rows, Holdout.none());
  }

  /**
   * Parts the rows once more, for early stopping or for a choice between models: the last rows
   * where the holdout goes by a column's order, otherwise rows chosen by their hash.
   *
   * @param fraction the part to keep from training, above 0 and below 1
   */
  public Parts split(double fraction) {
    Split split = holdout.splitAgain(rows, fraction);
    return new Parts(
        new TrainingTable(schema, rows.select(split.train()).compact(), holdout),
        rows.select(split.holdout()));
  }

  /**
   * Two parts of a table.
   *
   * @param train the rows to fit to
   * @param evaluation the rows kept; may be empty
   */
  public record Parts(TrainingTable train, RowBlock evaluation) {}
}
