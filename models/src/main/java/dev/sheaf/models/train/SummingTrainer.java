package dev.sheaf.models.train;

import dev.sheaf.models.table.TableSchema;
import java.io.DataInput;
import java.io.IOException;

/**
 * A trainer that is content with sums over the rows, so that rows need not be brought together.
 *
 * <p>A model from merged sums equals the one from the rows to about 1e-9 relative, not to the bit.
 */
public interface SummingTrainer extends Trainer {
  /** The sums of no rows. */
  RowSums noSums(TableSchema schema);

  /**
   * Reads what {@link RowSums#writeTo} wrote.
   *
   * @throws IOException if the bytes are no sums of this trainer
   */
  RowSums readSums(TableSchema schema, DataInput in) throws IOException;

  /**
   * Fits a model to rows of which only the sums are left.
   *
   * @throws TrainingException if no model can be fitted
   */
  FittedModel fit(TableSchema schema, RowSums sums) throws TrainingException;
}
