package dev.sheaf.models.onnx;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What models of one shape have in common: the graph, in which the weights have become inputs.
 *
 * <p>Two models have one template if nothing but their weights differs: the same nodes, attributes,
 * constants, inputs, outputs, features and classes.
 */
public final class ModelTemplate {
  /** How rows of several models go through one session. */
  public enum Rows {
    /** Rows of any models in one call: each row brings its model's weights. */
    MIXED,
    /** Rows of one model in a call: the call brings the weights. */
    OF_ONE_MODEL
  }

  private final byte[] onnx;
  private final String digest;
  private final Rows rows;
  private final List<RowInput> rowInputs;
  private final List<WeightInput> weightInputs;

  /**
   * An input with a number for each row.
   *
   * @param feature the number of the feature that it is made of
   * @param table the number of the table that the feature is looked up in, or -1
   */
  record RowInput(String name, int feature, int table) {}

  /**
   * An input with weights.
   *
   * @param size how many
   * @param shape their shape where a call brings them; where rows do it is {@code [N,size]}
   */
  record WeightInput(String name, int size, List<Long> shape) {}

  ModelTemplate(byte[] onnx, Rows rows, List<RowInput> rowInputs, List<WeightInput> weightInputs) {
    this.onnx = onnx;
    this.rows = rows;
    this.rowInputs = List.copyOf(rowInputs);
    this.weightInputs = List.copyOf(weightInputs);
    try {
      this.digest =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(onnx)) + "/" + rows;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  byte[] onnx() {
    return onnx;
  }

  /** The same text for the same template. */
  public String digest() {
    return digest;
  }

  /** How rows of several models go through one session. */
  public Rows rows() {
    return rows;
  }

  /** The inputs with a number for each row. */
  List<RowInput> rowInputs() {
    return rowInputs;
  }

  /** The inputs with weights, in the order in which they lie in {@link ModelWeights}. */
  List<WeightInput> weightInputs() {
    return weightInputs;
  }

  @Override
  public String toString() {
    return "ModelTemplate[" + digest.substring(0, 12) + ", " + rows + "]";
  }
}
