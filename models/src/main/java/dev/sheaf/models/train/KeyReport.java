package dev.sheaf.models.train;

import org.jspecify.annotations.Nullable;

/**
 * What came of one key: a row of the ledger.
 *
 * @param key the key
 * @param status how it ended
 * @param reason why there is no model, or what to know about it; may be empty
 * @param rows all rows of the key
 * @param trainRows the rows trained on
 * @param holdoutRows the rows held out
 * @param rmse on the rows held out, in the label's unit; null without a model or such rows
 * @param mae as rmse
 * @param baselineRmse the rmse of predicting the mean label of the training rows for each row
 * @param seconds the time taken
 * @param parityError the largest relative difference between the exported model and its trainer
 * @param trainer the trainer's name
 * @param fingerprint SHA-256 of data, schema, holdout and trainer: equal fingerprints, equal models
 * @param digest SHA-256 of the ONNX file; null without a model
 */
public record KeyReport(
    String key,
    TrainingStatus status,
    String reason,
    long rows,
    long trainRows,
    long holdoutRows,
    @Nullable Double rmse,
    @Nullable Double mae,
    @Nullable Double baselineRmse,
    double seconds,
    @Nullable Double parityError,
    String trainer,
    String fingerprint,
    @Nullable String digest) {}
