package dev.sheaf.sandbox.snowflake.types;

/** A statement's failure as Snowflake reports it: its code, its SQLSTATE and its message. */
public final class SnowflakeException extends RuntimeException {
  private final int code;
  private final String sqlState;

  public SnowflakeException(int code, String sqlState, String message) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }

  public SnowflakeException(int code, String sqlState, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.sqlState = sqlState;
  }

  /** A statement that makes no sense, whatever the data. */
  public static SnowflakeException compilation(String message) {
    return new SnowflakeException(2000, "42000", "SQL compilation error:\n" + message);
  }

  /** A statement that cannot be read. */
  public static SnowflakeException syntax(String message) {
    return new SnowflakeException(1003, "42000", "SQL compilation error:\n" + message);
  }

  /** Something this server does not do. */
  public static SnowflakeException unsupported(String what) {
    return new SnowflakeException(
        2, "0A000", "Unsupported feature '" + what + "' (this server does not offer it).");
  }

  /** The object of that kind is missing. */
  public static SnowflakeException missing(String kind, String name) {
    return new SnowflakeException(
        2003,
        "02000",
        "SQL compilation error:\n" + kind + " '" + name + "' does not exist or not authorized.");
  }

  /** The object is there already. */
  public static SnowflakeException exists(String name) {
    return new SnowflakeException(
        2002, "42710", "SQL compilation error:\nObject '" + name + "' already exists.");
  }

  /** The statement was cancelled, by the client or by a time limit. */
  public static SnowflakeException cancelled(String why) {
    return new SnowflakeException(604, "57014", why);
  }

  public int code() {
    return code;
  }

  /** The code with its leading zeros, six digits. */
  public String codeText() {
    return String.format(java.util.Locale.ROOT, "%06d", code);
  }

  public String sqlState() {
    return sqlState;
  }
}
