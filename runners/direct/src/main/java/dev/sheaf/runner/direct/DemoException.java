package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.cli.Failure;

/** The demo ended early; says how that is told. */
final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  DemoException(Failure failure, Throwable cause) {
    super(failure.line(), cause);
    this.failure = failure;
  }

  DemoException(Failure failure) {
    super(failure.line());
    this.failure = failure;
  }

  static DemoException wrongOption(String line) {
    return new DemoException(new Failure(Failure.WRONG_OPTION, line));
  }

  Failure failure() {
    return failure;
  }
}
