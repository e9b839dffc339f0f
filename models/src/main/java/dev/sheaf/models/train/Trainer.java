package dev.sheaf.models.train;

import dev.sheaf.models.table.TableSchema;
import java.io.Serializable;
import java.util.Map;

/**
 * A way to fit a model to the rows of one key; implement it to train your own.
 *
 * <p>A value, shared by threads. The same rows in the same order give the same model, byte for
 * byte. A trainer that works in rounds looks at {@link Thread#isInterrupted()} between them and
 * gives up with a {@link TrainingException}, so that a time limit ends it.
 */
public interface Trainer extends Serializable {
  /** The name it is chosen by, such as {@code linear}. */
  String name();

  /** Changes whenever the same rows and parameters may give another model. */
  String version();

  /** Its parameters as text, those left at their defaults included. */
  Map<String, String> parameters();

  /** What its models are for; regression unless overridden. */
  default Task task() {
    return Task.regression();
  }

  /** The fewest rows that it can be trained on. */
  int minimumRows(TableSchema schema);

  /**
   * Fits a model.
   *
   * @param table rows in canonical order, at least one; labels are finite, or classes if that is
   *     the {@linkplain #task() task}
   * @throws TrainingException if no model can be fitted to these rows
   */
  FittedModel fit(TrainingTable table) throws TrainingException;
}
