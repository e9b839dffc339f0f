package dev.sheaf.models.onnx;

import java.time.Duration;

/** A call of a model took longer than its limit and was ended; the session still works. */
public final class CallLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Duration limit;

  CallLimitException(Duration limit, Throwable cause) {
    super("ended a call of a model at its limit of " + limit.toMillis() + " ms", cause);
    this.limit = limit;
  }

  /** The limit that the call passed. */
  public Duration limit() {
    return limit;
  }
}
