package dev.sheaf.models.evaluate;

import org.jspecify.annotations.Nullable;

/** Reads the text forms of {@link Holdout}. */
final class HoldoutParser {
  private static final String FORMS =
      "none, fraction:0.2, last:COLUMN:0.2, rolling:COLUMN:3:0.1, where:COLUMN>=VALUE (with = !="
          + " <> < <= > >=)";

  private final String text;
  private int at;

  HoldoutParser(String text) {
    this.text = text;
  }

  Holdout parse() {
    String trimmed = text.strip();
    if (trimmed.equals("none")) {
      return new Holdout.None();
    }
    int colon = trimmed.indexOf(':');
    String form = colon < 0 ? "" : trimmed.substring(0, colon).strip();
    String rest = trimmed.substring(colon + 1).strip();
    return switch (form) {
      case "fraction" -> new Holdout.Fraction(fraction(rest));
      case "last" -> last(rest);
      case "rolling" -> rolling(rest);
      case "where" -> where(rest);
      default -> throw refused("it is none of the known forms", null);
    };
  }

  private Holdout last(String rest) {
    int colon = rest.lastIndexOf(':');
    if (colon < 0) {
      throw refused("it needs a column and a fraction", null);
    }
    double fraction = fraction(rest.substring(colon + 1).strip());
    return new Holdout.Last(column(rest.substring(0, colon).strip()), fraction);
  }

  private Holdout rolling(String rest) {
    int colon = rest.lastIndexOf(':');
    int before = rest.lastIndexOf(':', colon - 1);
    if (colon < 0 || before < 0) {
      throw refused("it needs a column, the number of windows and a fraction", null);
    }
    double fraction = fraction(rest.substring(colon + 1).strip());
    int folds = folds(rest.substring(before + 1, colon).strip());
    String column = column(rest.substring(0, before).strip());
    try {
      return new Holdout.Rolling(column, folds, fraction);
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    }
  }

  private String column(String columnText) {
    String column = columnText.startsWith("\"") ? quoted(columnText, '"') : columnText;
    if (columnText.startsWith("\"") && at != columnText.length()) {
      throw refused("text follows the quoted column", null);
    }
    if (column.isEmpty()) {
      throw refused("the column is missing", null);
    }
    return column;
  }

  private Holdout where(String rest) {
    String column;
    if (rest.startsWith("\"")) {
      column = quoted(rest, '"');
    } else {
      at = 0;
      while (at < rest.length() && "=!<>".indexOf(rest.charAt(at)) < 0) {
        at++;
      }
      column = rest.substring(0, at).strip();
    }
    if (column.isEmpty()) {
      throw refused("the column is missing", null);
    }
    String tail = rest.substring(at).strip();
    Comparison comparison = comparison(tail);
    String value = tail.substring(tail.startsWith("<>") ? 2 : comparison.symbol().length()).strip();
    if (value.startsWith("'")) {
      String literal = quoted(value, '\'');
      if (at != value.length()) {
        throw refused("text follows the quoted value", null);
      }
      return new Holdout.Where(column, comparison, literal);
    }
    if (value.isEmpty() || "=!<>".indexOf(value.charAt(0)) >= 0) {
      throw refused("the value is missing", null);
    }
    return new Holdout.Where(column, comparison, value);
  }

  private Comparison comparison(String tail) {
    if (tail.startsWith("<>")) {
      return Comparison.NOT_EQUAL;
    }
    Comparison found = null;
    for (Comparison comparison : Comparison.values()) {
      if (tail.startsWith(comparison.symbol())
          && (found == null || comparison.symbol().length() > found.symbol().length())) {
        found = comparison;
      }
    }
    if (found == null) {
      throw refused("the comparison is missing", null);
    }
    return found;
  }

  /** Reads the quoted string that {@code from} starts with and leaves {@code at} behind it. */
  private String quoted(String from, char quote) {
    StringBuilder content = new StringBuilder();
    for (at = 1; at < from.length(); at++) {
      char c = from.charAt(at);
      if (c != quote) {
        content.append(c);
      } else if (at + 1 < from.length() && from.charAt(at + 1) == quote) {
        content.append(quote);
        at++;
      } else {
        at++;
        return content.toString();
      }
    }
    throw refused("the closing " + quote + " is missing", null);
  }

  private int folds(String number) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw refused("'" + number + "' is not a whole number of windows", e);
    }
  }

  private double fraction(String number) {
    double fraction;
    try {
      fraction = Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw refused("'" + number + "' is not a number", e);
    }
    if (!(fraction > 0 && fraction < 1)) {
      throw refused("the fraction must be above 0 and below 1, but is " + number, null);
    }
    return fraction;
  }

  private IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "cannot read holdout '" + text + "': " + why + "; valid forms are " + FORMS, cause);
  }
}
