package dev.sheaf.models.train;

import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.table.TrainingTable;
import java.io.Serializable;
import java.util.Map;

/**
 * A way to fit a regression to the rows of one key.
 *
 * <p>A value, shared by threads. The same rows in the same order give the same model, byte for
 * byte.
 */
public interface Trainer extends Serializable {
  /** The name it is chosen by, such as {@code linear}. */
  String name();

  /** Changes whenever the same rows and parameters may give another model. */
  String version();

  /** Its parameters as text, those left at their defaults included. */
  Map<String, String> parameters();

  /** The fewest rows that it can be trained on. */
  int minimumRows(TableSchema schema);

  /**
   * Fits a model.
   *
   * @param table rows in canonical order, at least one; labels are finite
   * @throws TrainingException if no model can be fitted to these rows
   */
  FittedModel fit(TrainingTable table) throws TrainingException;
}
