package dev.sheaf.models.train.linear;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/**
 * A fitted line: the sum of (x - mean) * coefficient over the columns of numbers and of the effects
 * of categories, plus the intercept.
 */
final class LinearModel implements FittedModel {
  private final Columns layout;
  private final double[] means;
  private final double[] coefficients;
  private final List<Effects> effects;
  private final double intercept;
  private final List<String> notes;

  LinearModel(
      Columns layout,
      double[] means,
      double[] coefficients,
      List<Effects> effects,
      double intercept,
      List<String> notes) {
    this.layout = layout;
    this.means = means;
    this.coefficients = coefficients;
    this.effects = List.copyOf(effects);
    this.intercept = intercept;
    this.notes = List.copyOf(notes);
  }

  Columns layout() {
    return layout;
  }

  double[] means() {
    return means;
  }

  double[] coefficients() {
    return coefficients;
  }

  List<Effects> effects() {
    return effects;
  }

  /** The prediction where every number is at its mean and every category missing. */
  double intercept() {
    return intercept;
  }

  /** Computes step by step what the exported graph does, so that both agree to the bit. */
  @Override
  public double[] predict(RowBlock rows) {
    double[][] values = layout.values(rows);
    double[] predictions = new double[rows.rows()];
    for (int j = 0; j < coefficients.length; j++) {
      double[] column = values[layout.numbers().get(j).from()];
      for (int i = 0; i < predictions.length; i++) {
        double centred = column[i] - means[j];
        double part = (Double.isNaN(centred) ? 0.0 : centred) * coefficients[j];
        predictions[i] = j == 0 ? part : predictions[i] + part;
      }
    }
    for (int c = 0; c < effects.size(); c++) {
      Columns.Column column = layout.categories().get(c);
      double[] parts =
          layout.feature(column).type().isText()
              ? effects.get(c).ofTexts(rows, column.feature())
              : effects.get(c).ofNumbers(values[column.from()]);
      for (int i = 0; i < predictions.length; i++) {
        predictions[i] = first(c) ? parts[i] : predictions[i] + parts[i];
      }
    }
    for (int i = 0; i < predictions.length; i++) {
      predictions[i] += intercept;
    }
    return predictions;
  }

  /** Whether a category's effect is the first to be added. */
  private boolean first(int category) {
    return category == 0 && coefficients.length == 0;
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(layout.schema());
    return LinearGraph.write(metadata, this);
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
