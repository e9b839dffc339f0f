package dev.sheaf.models.train.boosting;

import dev.sheaf.models.features.EncodedColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as a library takes them.
 *
 * @param columns what each column is
 * @param values column after column, a value per row; NaN is missing
 * @param labels a number or the index of a class per row
 * @param weights a weight per row, or null if all are 1
 */
// Arrays for speed; nobody compares two of these.
@SuppressWarnings("ArrayRecordComponent")
public record BoosterRows(
    List<EncodedColumn> columns, double[][] values, double[] labels, double @Nullable [] weights) {
  /** The number of rows. */
  public int rows() {
    return labels.length;
  }
}
