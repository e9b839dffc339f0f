package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a read selects from: a query of the user, or a table. */
record SelectQuery(String text, String from, String shown) implements Serializable {
  private static final int SHOWN_CHARACTERS = 300;

  static SelectQuery of(String query) {
    String text = query.strip();
    while (text.endsWith(";")) {
      text = text.substring(0, text.length() - 1).strip();
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("fromQuery takes a SELECT; found an empty text.");
    }
    String line = SnowflakeException.oneLine(text);
    // The line breaks keep a comment at the query's end from reaching over the bracket.
    return new SelectQuery(
        text,
        "(\n" + text + "\n) Q",
        '"'
            + (line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS) + "…" : line)
            + '"');
  }

  static SelectQuery of(TableName table) {
    return new SelectQuery("SELECT * FROM " + table.sql(), table.sql(), "table " + table);
  }

  /** Refuses a result that cannot be a schema: two columns of one name. */
  void check(List<Column> columns) {
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException(
            "Cannot read "
                + shown
                + ": column names must differ, found two named "
                + column.name()
                + "; name them with AS.");
      }
    }
  }

  @Override
  public String toString() {
    return shown;
  }
}
