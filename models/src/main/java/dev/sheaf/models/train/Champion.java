package dev.sheaf.models.train;

/**
 * The model that serves a key today.
 *
 * @param version the version of the store that it is from
 * @param onnx its file; the array itself, not a copy
 */
// The model travels as bytes; champions are not compared.
@SuppressWarnings("ArrayRecordComponent")
public record Champion(String version, byte[] onnx) {}
