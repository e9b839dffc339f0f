package dev.sheaf.models.train;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The losses that decide whether a model is to serve, all on the same rows held out (of a backtest
 * those of the last window); lower is better.
 *
 * @param name the task's loss: {@code rmse}, {@code pinball} or {@code log_loss}
 * @param model of the new model; null if no row was held out
 * @param baseline of the naive baseline
 * @param champion of the model that serves the key today; null if there is none, or if it cannot be
 *     run on these rows
 * @param championVersion the version that the champion is from
 */
public record Losses(
    String name,
    @Nullable Double model,
    @Nullable Double baseline,
    @Nullable Double champion,
    @Nullable String championVersion)
    implements Serializable {
  static Losses none(Task task) {
    return new Losses(task.loss(), null, null, null, null);
  }

  /** The same with the loss and the version of another champion. */
  Losses withChampion(@Nullable Double loss, @Nullable String version) {
    return new Losses(name, model, baseline, loss, version);
  }
}
