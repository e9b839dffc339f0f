package dev.sheaf.models.train.linear;

/**
 * One value of a category: a text, or a number (of integer categories and calendar parts), or that
 * the value is missing, which sorts last.
 */
record Category(String text, double number) implements Comparable<Category> {
  static final Category MISSING = new Category("", Double.NaN);

  /** A text; the empty one is missing. */
  static Category of(String text) {
    return text.isEmpty() ? MISSING : new Category(text, 0);
  }

  /** A number; NaN is missing, and both zeros are one. */
  static Category of(double number) {
    return Double.isNaN(number) ? MISSING : new Category("", number + 0.0);
  }

  boolean isMissing() {
    return Double.isNaN(number);
  }

  @Override
  public int compareTo(Category other) {
    int result = Double.compare(number, other.number);
    return result == 0 ? text.compareTo(other.text) : result;
  }
}
