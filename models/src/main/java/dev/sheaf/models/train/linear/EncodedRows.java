package dev.sheaf.models.train.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as columns of numbers, NaN for a missing one, the label last, and of categories. */
final class EncodedRows {
  private static final int[] NO_CODES = {};

  private final Columns layout;
  private final double[][] numbers;
  private final List<Vocabularies.Coded> categories;
  private final double @Nullable [] weights;

  EncodedRows(
      Columns layout,
      double[][] numbers,
      List<Vocabularies.Coded> categories,
      double @Nullable [] weights) {
    this.layout = layout;
    this.numbers = numbers;
    this.categories = categories;
    this.weights = weights;
  }

  int rows() {
    return numbers[0].length;
  }

  double[][] numbers() {
    return numbers;
  }

  List<Vocabularies.Coded> categories() {
    return categories;
  }

  double @Nullable [] weights() {
    return weights;
  }

  /**
   * The flags of the rows.
   *
   * @param missing whether a column of numbers has missing ones
   * @param weighted per column the centred numbers times the row's weight, 0 where missing
   */
  Flags flags(boolean[] missing, double[][] weighted) {
    List<List<Category>> vocabularies = new ArrayList<>(missing.length + categories.size());
    List<int[]> codes = new ArrayList<>(missing.length + categories.size());
    boolean any = !categories.isEmpty();
    for (int j = 0; j < missing.length; j++) {
      // A label is never missing; one that is NaN must not become the mean.
      boolean flagged = missing[j] && j < missing.length - 1;
      any |= flagged;
      vocabularies.add(flagged ? List.of(Category.MISSING) : List.of());
      codes.add(
          flagged
              ? Arrays.stream(numbers[j]).mapToInt(value -> Double.isNaN(value) ? 0 : -1).toArray()
              : NO_CODES);
    }
    if (!any) {
      return layout.noFlags();
    }
    for (Vocabularies.Coded category : categories) {
      vocabularies.add(category.vocabulary());
      codes.add(category.codes());
    }
    return Flags.of(vocabularies, codes.toArray(int[][]::new), weights, weighted);
  }
}
