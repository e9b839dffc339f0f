package dev.sheaf.models.onnx;

/**
 * What buffers must hold for a row: models of one shape share them.
 *
 * @param numbers the features that are numbers
 * @param outputs 1, or the number of classes
 */
public record BatchShape(int numbers, int outputs) {}
