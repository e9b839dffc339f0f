package dev.sheaf.models.train.linear;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/** A fitted line: sum of (x - mean) * coefficient over the features, plus the intercept. */
final class LinearModel implements FittedModel {
  private final TableSchema schema;
  private final double[] means;
  private final double[] coefficients;
  private final double intercept;
  private final List<String> notes;

  LinearModel(
      TableSchema schema,
      double[] means,
      double[] coefficients,
      double intercept,
      List<String> notes) {
    this.schema = schema;
    this.means = means;
    this.coefficients = coefficients;
    this.intercept = intercept;
    this.notes = List.copyOf(notes);
  }

  double[] means() {
    return means;
  }

  double[] coefficients() {
    return coefficients;
  }

  /** The prediction where every feature is at its mean. */
  double intercept() {
    return intercept;
  }

  /** Computes step by step what the exported graph does, so that both agree to the bit. */
  @Override
  public double[] predict(RowBlock rows) {
    double[] predictions = new double[rows.rows()];
    for (int f = 0; f < coefficients.length; f++) {
      double[] column = rows.column(f);
      for (int i = 0; i < predictions.length; i++) {
        double centred = column[i] - means[f];
        double part = (Double.isNaN(centred) ? 0.0 : centred) * coefficients[f];
        predictions[i] = f == 0 ? part : predictions[i] + part;
      }
    }
    for (int i = 0; i < predictions.length; i++) {
      predictions[i] += intercept;
    }
    return predictions;
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(schema);
    return LinearGraph.write(metadata, means, coefficients, intercept);
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public void close() {
    // Nothing is held outside the heap.
  }
}
