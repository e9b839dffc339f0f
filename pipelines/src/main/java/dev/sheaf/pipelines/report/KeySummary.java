package dev.sheaf.pipelines.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * What became of one key in a run. Errors are in the label's unit, NULL without a holdout.
 *
 * @param key the key's text
 * @param rows rows with this key that could be used
 * @param reason why the status is what it is; may be empty
 * @param seconds time spent training, exporting and checking
 * @param modelVersion the published version, NULL where there is no model
 */
@JsonPropertyOrder({"key", "rows", "trainRows", "holdoutRows", "rmse", "mae", "baselineRmse"})
public record KeySummary(
    String key,
    long rows,
    long trainRows,
    long holdoutRows,
    @Nullable Double rmse,
    @Nullable Double mae,
    @Nullable Double baselineRmse,
    String status,
    String reason,
    double seconds,
    @Nullable String modelVersion) {}
