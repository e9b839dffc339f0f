package dev.sheaf.pipelines.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one key in a run, or of one group of keys that has a model to fall back to. Errors
 * are NULL without a holdout.
 *
 * @param scope {@code KEY}, {@code GROUP} or {@code GLOBAL}
 * @param key the key's text, or the name by which the store knows the group
 * @param rows rows with this key that could be used
 * @param loss what the model is judged by, and what a naive baseline comes to on the same rows
 * @param mae the mean absolute error, in the label's unit; NULL for classes
 * @param accuracy the part of the classes that are right; NULL for numbers
 * @param trainer the name of the trainer that made the model
 * @param reason why the status is what it is; may be empty
 * @param seconds time spent training, exporting and checking
 * @param modelVersion the published version, NULL where there is no model
 */
@JsonPropertyOrder({
  "scope",
  "key",
  "rows",
  "trainRows",
  "holdoutRows",
  "rmse",
  "mae",
  "baselineRmse",
  "accuracy",
  "loss"
})
public record KeySummary(
    String scope,
    String key,
    long rows,
    long trainRows,
    long holdoutRows,
    Loss loss,
    @Nullable Double mae,
    @Nullable Double accuracy,
    String trainer,
    String status,
    String reason,
    double seconds,
    @Nullable String modelVersion) {
  /** The scope of a model of one key. */
  public static final String KEY = "KEY";

  /** The name of the loss of models that predict a mean. */
  public static final String RMSE = "rmse";

  /**
   * A loss; lower is better.
   *
   * @param name {@code rmse}, {@code pinball} or {@code log_loss}
   */
  public record Loss(String name, @Nullable Double model, @Nullable Double baseline) {}

  /** The model's loss. */
  @Nullable Double modelLoss() {
    return loss.model();
  }

  /** The baseline's loss. */
  @Nullable Double baselineLoss() {
    return loss.baseline();
  }

  /** The model's loss where it is the root mean squared error. */
  @JsonProperty
  public @Nullable Double rmse() {
    return loss.name().equals(RMSE) ? loss.model() : null;
  }

  /** The baseline's loss where it is the root mean squared error. */
  @JsonProperty
  public @Nullable Double baselineRmse() {
    return loss.name().equals(RMSE) ? loss.baseline() : null;
  }

  /** Whether these are keys of which the models are for classes. */
  static boolean areClassified(List<KeySummary> keys) {
    return keys.stream().anyMatch(key -> key.accuracy() != null);
  }
}
