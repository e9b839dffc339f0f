package dev.sheaf.models.features;

import java.io.Serializable;
import java.util.List;

/**
 * Categories that have indicator columns: those of a feature, or the values of a calendar part.
 *
 * <p>The first category is the reference: it has no column, and a row of it is 0 in all columns of
 * the group. A group of one category has a column all the same, which is 1 in all its rows, and a
 * group of none has a column that is always NaN.
 *
 * @param name the feature's name, or for a part such as {@code DATE.day_of_week}
 * @param feature the feature's name
 * @param categories the categories in order; the place in the list is a category's code
 * @param firstColumn the number of its first column among all columns; the others follow
 */
public record IndicatorGroup(String name, String feature, List<String> categories, int firstColumn)
    implements Serializable {
  public IndicatorGroup {
    categories = List.copyOf(categories);
  }

  /** The number of columns. */
  public int columns() {
    return Math.max(1, categories.size() - 1);
  }

  /** The number of a category's column among all columns, or -1 for the reference. */
  public int column(int code) {
    if (categories.size() < 2) {
      return firstColumn;
    }
    return code == 0 ? -1 : firstColumn + code - 1;
  }
}
