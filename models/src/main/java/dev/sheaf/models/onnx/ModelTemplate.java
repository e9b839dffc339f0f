package dev.sheaf.models.onnx;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What models of one shape have in common: the graph, in which the weights have become inputs.
 *
 * <p>Two models have one template if nothing but their weights differs: the same nodes, attributes,
 * constants, inputs, outputs, features and classes.
 */
public final class ModelTemplate {
  /** How rows of several models go through one session. */
  public enum Rows {
    /** Rows of any models in one call, which knows the weights of all of them. */
    MIXED,
    /** Rows of one model in a call: the call brings the weights. */
    OF_ONE_MODEL
  }

  /** Where rows are mixed, the input with the number of each row's model. */
  static final String MODEL = "sheaf/model";

  private final byte[] onnx;
  private final String digest;
  private final Rows rows;
  private final List<RowInput> rowInputs;
  private final List<WeightInput> weightInputs;

  /** An input with as many numbers for each row as it has columns. */
  record RowInput(String name, List<Column> columns) {
    RowInput {
      columns = List.copyOf(columns);
    }
  }

  /**
   * What a number of a row is.
   *
   * @param feature the number of the feature that it is made of
   * @param table the number of the table that the feature is looked up in, or -1
   * @param whenMissing the number of the weight that stands for NaN, or -1
   */
  record Column(int feature, int table, int whenMissing) {}

  /**
   * An input with weights.
   *
   * @param size how many a model has
   * @param shape theirs where a call is of one model; else the input is {@code [M,size]}, with the
   *     weights of M models
   */
  record WeightInput(String name, int size, List<Long> shape) {}

  ModelTemplate(byte[] onnx, Rows rows, List<RowInput> rowInputs, List<WeightInput> weightInputs) {
    this.onnx = onnx;
    this.rows = rows;
    this.rowInputs = List.copyOf(rowInputs);
    this.weightInputs = List.copyOf(weightInputs);
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(onnx);
      // The graph does not tell what its inputs are made of.
      sha.update((rowInputs + " " + weightInputs).getBytes(StandardCharsets.UTF_8));
      this.digest = HexFormat.of().formatHex(sha.digest()) + "/" + rows;
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

  /** The inputs with numbers for each row. */
  List<RowInput> rowInputs() {
    return rowInputs;
  }

  /** The columns of all row inputs. */
  Stream<Column> columns() {
    return rowInputs.stream().flatMap(input -> input.columns().stream());
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
