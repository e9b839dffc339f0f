package dev.sheaf.transforms.snowflake;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A Snowflake service could not be reached, refused a login, or refused a statement. */
public final class SnowflakeException extends RuntimeException {
  private static final int FIRST_LOGIN_CODE = 390100;
  private static final int LAST_LOGIN_CODE = 390399;
  private static final int INVALID_KEY_CODE = 200054;

  /** From here on: the session is gone or has expired, or its master token is or has. */
  private static final int FIRST_SESSION_CODE = 390111;

  private static final int LAST_SESSION_CODE = 390115;

  /** What went wrong. */
  public enum Kind {
    /**
     * No answer within the time limit, no such host or port, or a session that the service has
     * ended, as it does when it restarts: a new one may do.
     */
    UNREACHABLE,
    /** The service knows no such user, password or key. */
    AUTHENTICATION,
    /** The service refused a statement, or a table does not fit the rows. */
    STATEMENT
  }

  private final Kind kind;

  SnowflakeException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** Reads the kind out of the driver's codes. */
  static SnowflakeException of(String cannot, SQLException e) {
    Kind kind = kindOf(e);
    String said = oneLine(e.getMessage());
    return new SnowflakeException(kind, cannot + ": " + said, e);
  }

  private static Kind kindOf(SQLException e) {
    int code = e.getErrorCode();
    if (code >= FIRST_SESSION_CODE && code <= LAST_SESSION_CODE) {
      return Kind.UNREACHABLE;
    }
    if ((code >= FIRST_LOGIN_CODE && code <= LAST_LOGIN_CODE) || code == INVALID_KEY_CODE) {
      return Kind.AUTHENTICATION;
    }
    @Nullable String state = e.getSQLState();
    if (state != null && state.startsWith("08")) {
      return Kind.UNREACHABLE;
    }
    for (@Nullable Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return Kind.UNREACHABLE;
      }
    }
    return Kind.STATEMENT;
  }

  static String oneLine(@Nullable String text) {
    return text == null ? "(no message)" : text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
