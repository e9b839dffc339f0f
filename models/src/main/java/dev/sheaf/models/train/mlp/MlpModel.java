package dev.sheaf.models.train.mlp;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/**
 * A trained network, in doubles: the scales of inputs and label are part of its first and last
 * layer.
 */
final class MlpModel implements FittedModel {
  private final TableSchema schema;
  private final Encoding inputs;
  private final double[] means;
  private final List<Dense> layers;
  private final Activation activation;
  private final List<String> classes;
  private final List<String> notes;
  private final List<CurvePoint> curve;

  MlpModel(
      TableSchema schema,
      Encoding inputs,
      double[] means,
      List<Dense> layers,
      Activation activation,
      List<String> classes,
      Report report) {
    this.schema = schema;
    this.inputs = inputs;
    this.means = means;
    this.layers = List.copyOf(layers);
    this.activation = activation;
    this.classes = List.copyOf(classes);
    this.notes = report.notes();
    this.curve = report.curve();
  }

  /** What there is to say about the training. */
  record Report(List<String> notes, List<CurvePoint> curve) {
    Report {
      notes = List.copyOf(notes);
      curve = List.copyOf(curve);
    }
  }

  @Override
  public double[] predict(RowBlock rows) {
    double[][] columns = inputs.encode(rows);
    int outputs = layers.get(layers.size() - 1).biases().length;
    double[] predictions = new double[rows.rows() * outputs];
    double[] row = new double[means.length];
    for (int r = 0; r < rows.rows(); r++) {
      for (int j = 0; j < row.length; j++) {
        double centred = columns[j][r] - means[j];
        row[j] = Double.isNaN(centred) ? 0 : centred;
      }
      System.arraycopy(outputs(row), 0, predictions, r * outputs, outputs);
    }
    return predictions;
  }

  private double[] outputs(double[] row) {
    double[] values = row;
    for (int l = 0; l < layers.size(); l++) {
      values = layers.get(l).apply(values);
      if (l < layers.size() - 1) {
        activation.apply(values, values.length);
      }
    }
    if (!classes.isEmpty()) {
      softmax(values);
    }
    return values;
  }

  private static void softmax(double[] logits) {
    double top = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      top = Math.max(top, logit);
    }
    double total = 0;
    for (int c = 0; c < logits.length; c++) {
      logits[c] = Exponential.of(logits[c] - top);
      total += logits[c];
    }
    for (int c = 0; c < logits.length; c++) {
      logits[c] /= total;
    }
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(schema);
    return MlpGraph.write(metadata, inputs, means, layers, activation);
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
