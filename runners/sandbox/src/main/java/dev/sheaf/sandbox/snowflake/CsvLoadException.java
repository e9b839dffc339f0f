package dev.sheaf.sandbox.snowflake;

import org.jspecify.annotations.Nullable;

/** A CSV file that cannot be loaded: what is wrong with it, in one line that names it. */
public final class CsvLoadException extends RuntimeException {
  /** What is wrong. */
  public enum Kind {
    /** There is no such file, or it cannot be read. */
    UNREADABLE,
    /** The file has no header. */
    EMPTY,
    /** The file has a header and no rows. */
    NO_ROWS,
    /** A column has no name, or two have one name. */
    HEADER,
    /** A record has too many or too few fields, an open quote, or text that is not UTF-8. */
    BROKEN_LINE,
    /** The table cannot be written. */
    TABLE
  }

  private final Kind kind;

  CsvLoadException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
