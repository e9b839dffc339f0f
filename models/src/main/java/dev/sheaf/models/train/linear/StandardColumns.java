package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encoded columns with mean 0 and variance 1 over the training rows, 0 where missing; a column that
 * does not vary is 0 throughout.
 */
final class StandardColumns {
  private final double[] means;

  /** What the centred column is divided by; 0 for one that does not vary. */
  private final double[] scales;

  private final double[][] values;
  private final List<String> notes = new ArrayList<>();

  private StandardColumns(int columns) {
    means = new double[columns];
    scales = new double[columns];
    values = new double[columns][];
  }

  static StandardColumns of(Encoding encoding, RowBlock rows) throws TrainingException {
    double[][] encoded = encoding.encode(rows);
    StandardColumns columns = new StandardColumns(encoded.length);
    for (int c = 0; c < encoded.length; c++) {
      columns.fill(c, encoded[c], rows.weights(), encoding.columns().get(c).name());
    }
    return columns;
  }

  private void fill(int c, double[] column, double @Nullable [] weights, String name)
      throws TrainingException {
    double mean = Moments.mean(column, weights);
    double[] centred = new double[column.length];
    int missing = Moments.centre(column, mean, centred);
    double squares = 0;
    double total = 0;
    for (int i = 0; i < centred.length; i++) {
      double weight = weights == null ? 1 : weights[i];
      squares += weight * centred[i] * centred[i];
      total += weight;
    }
    double scale = Math.sqrt(squares / total);
    if (!(Math.abs(mean) <= Double.MAX_VALUE && scale <= Double.MAX_VALUE)) {
      throw new TrainingException(
          "feature " + name + " has infinite values, or values too large to add up", null);
    }
    boolean varies = scale > 4 * Math.ulp(1.0) * Math.abs(mean);
    if (!varies) {
      notes.add(
          "feature "
              + name
              + (missing == column.length ? " has no value" : " is constant")
              + " in the training rows; its coefficient is 0");
    }
    means[c] = varies ? mean : 0;
    scales[c] = varies ? scale : 0;
    for (int i = 0; i < centred.length; i++) {
      centred[i] = varies ? centred[i] / scale : 0;
    }
    values[c] = centred;
  }

  double[] means() {
    return means;
  }

  double[] scales() {
    return scales;
  }

  double[][] values() {
    return values;
  }

  List<String> notes() {
    return notes;
  }
}
