package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A table's name of one to three parts, with Snowflake's rules: an unquoted part is upper-cased, a
 * part in double quotes is taken as it is.
 */
record TableName(List<String> parts) implements Serializable {
  private static final Pattern PART =
      Pattern.compile("\\G(?:\"((?:[^\"]|\"\")+)\"|([A-Za-z_][A-Za-z0-9_$]*))(\\.|$)");

  TableName {
    parts = List.copyOf(parts);
  }

  /** Parses SQL text; {@code option} names the setting in the message of a refusal. */
  static TableName parse(String option, String text) {
    List<String> parts = new ArrayList<>();
    Matcher matcher = PART.matcher(text);
    int end = 0;
    while (end < text.length() && matcher.find()) {
      String quoted = matcher.group(1);
      parts.add(
          quoted == null
              ? matcher.group(2).toUpperCase(Locale.ROOT)
              : quoted.replace("\"\"", "\""));
      end = matcher.end();
    }
    if (end < text.length() || parts.isEmpty() || parts.size() > 3 || text.endsWith(".")) {
      throw new IllegalArgumentException(
          option
              + " takes a table name such as SALES, PUBLIC.SALES or DB.PUBLIC.\"Sales\"; found: "
              + text);
    }
    return new TableName(parts);
  }

  /** Another table beside this one. */
  TableName sibling(String name) {
    List<String> names = new ArrayList<>(parts.subList(0, parts.size() - 1));
    names.add(name);
    return new TableName(names);
  }

  String sql() {
    return parts.stream().map(TableName::quote).collect(Collectors.joining("."));
  }

  /** A name in double quotes, exact in case. */
  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  @Override
  public String toString() {
    return String.join(".", parts);
  }
}
