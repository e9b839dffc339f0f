package dev.sheaf.transforms.inference;

/**
 * What a model said of an example.
 *
 * @param example what was asked
 * @param inference the answer, as post-processing made it
 * @param modelId which model answered, with the digest of its bytes
 */
public record PredictionResult<ExampleT, InferenceT>(
    ExampleT example, InferenceT inference, String modelId) {}
