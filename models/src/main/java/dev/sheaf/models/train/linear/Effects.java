package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.List;

/** What each category of a column adds to a prediction; a missing or unseen one adds 0. */
final class Effects {
  private final List<Category> categories;
  private final double[] numbers;
  private final double[] effects;

  /**
   * The effects of some categories.
   *
   * @param categories in sorted order
   */
  Effects(List<Category> categories, double[] effects) {
    this.categories = List.copyOf(categories);
    this.numbers = categories.stream().mapToDouble(Category::number).toArray();
    this.effects = effects;
  }

  List<Category> categories() {
    return categories;
  }

  double of(Category category) {
    int place = category.isMissing() ? -1 : Vocabularies.place(categories, category);
    return place < 0 ? 0 : effects[place];
  }

  /** The effects of texts, given as indexes into a dictionary. */
  double[] ofTexts(RowBlock rows, int feature) {
    double[] perText =
        rows.dictionary(feature).stream().mapToDouble(text -> of(Category.of(text))).toArray();
    return Arrays.stream(rows.column(feature))
        .map(code -> Double.isNaN(code) ? 0 : perText[(int) code])
        .toArray();
  }

  double[] ofNumbers(double[] column) {
    double[] found = new double[column.length];
    for (int i = 0; i < found.length; i++) {
      int place = Arrays.binarySearch(numbers, column[i] + 0.0);
      found[i] = place < 0 ? 0 : effects[place];
    }
    return found;
  }
}
