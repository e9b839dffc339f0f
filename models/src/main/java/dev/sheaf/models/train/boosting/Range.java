package dev.sheaf.models.train.boosting;

/** The numbers that a parameter may be. */
record Range(double low, ParameterRules.Bound bound, double high, Numbers numbers) {
  enum Numbers {
    WHOLE,
    REAL
  }

  boolean contains(String text) {
    double value;
    try {
      value = numbers == Numbers.WHOLE ? Integer.parseInt(text) : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return false;
    }
    return switch (bound) {
      case CLOSED -> value >= low && value <= high;
      case ABOVE -> value > low && value <= high;
      case BETWEEN -> value > low && value < high;
    };
  }

  @Override
  public String toString() {
    String what = numbers == Numbers.WHOLE ? "a whole number" : "a number";
    String from = (bound == ParameterRules.Bound.CLOSED ? " from " : " above ") + plain(low);
    if (bound == ParameterRules.Bound.BETWEEN) {
      return what + from + " and below " + plain(high);
    }
    return what + from + (high >= Double.MAX_VALUE ? "" : " to " + plain(high));
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
