package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/** Fitted scores, linear in the encoded columns, and the probabilities made of them. */
final class LogisticModel implements FittedModel {
  private final Encoding encoding;
  private final double[] means;

  /** Per score the coefficients of the centred columns. */
  private final double[][] coefficients;

  private final double[] intercepts;
  private final List<String> classes;
  private final List<String> notes;
  private final List<CurvePoint> curve;

  /**
   * A model of a point that {@link LogLoss} describes.
   *
   * @param columns the columns by which the point was found
   */
  LogisticModel(
      Encoding encoding,
      StandardColumns columns,
      double[] point,
      List<String> classes,
      List<String> notes,
      List<CurvePoint> curve) {
    this.encoding = encoding;
    this.means = columns.means();
    this.classes = List.copyOf(classes);
    this.notes = List.copyOf(notes);
    this.curve = List.copyOf(curve);
    int width = means.length + 1;
    int scores = point.length / width;
    coefficients = new double[scores][means.length];
    intercepts = new double[scores];
    for (int k = 0; k < scores; k++) {
      intercepts[k] = point[k * width];
      for (int j = 0; j < means.length; j++) {
        double scale = columns.scales()[j];
        coefficients[k][j] = scale == 0 ? 0 : point[k * width + 1 + j] / scale;
      }
    }
  }

  /** Computes step by step what the exported graph does. */
  @Override
  public double[] predict(RowBlock rows) {
    double[][] columns = encoding.encode(rows);
    double[] scores = new double[intercepts.length];
    double[] probabilities = new double[Math.multiplyExact(rows.rows(), classes.size())];
    for (int i = 0; i < rows.rows(); i++) {
      for (int k = 0; k < scores.length; k++) {
        double score = 0;
        for (int j = 0; j < columns.length; j++) {
          double centred = columns[j][i] - means[j];
          double part = (Double.isNaN(centred) ? 0.0 : centred) * coefficients[k][j];
          score = j == 0 ? part : score + part;
        }
        scores[k] = score + intercepts[k];
      }
      if (scores.length == 1) {
        probabilities[2 * i] = 1 / (1 + exp(scores[0]));
        probabilities[2 * i + 1] = 1 / (1 + exp(-scores[0]));
      } else {
        softmax(scores, probabilities, i * scores.length);
      }
    }
    return probabilities;
  }

  private static void softmax(double[] scores, double[] probabilities, int at) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      largest = Math.max(largest, score);
    }
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      probabilities[at + k] = exp(scores[k] - largest);
      sum += probabilities[at + k];
    }
    for (int k = 0; k < scores.length; k++) {
      probabilities[at + k] /= sum;
    }
  }

  private static double exp(double value) {
    return Math.pow(Math.E, value);
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(encoding.schema());
    OnnxGraph graph = OnnxGraph.of(metadata);
    String columns = encoding.write(graph);
    LogisticGraph.write(graph, columns, means, coefficients, intercepts);
    return graph.toBytes();
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public List<CurvePoint> curve() {
    return curve;
  }

  @Override
  public void close() {
    // Nothing is held outside the heap.
  }
}
