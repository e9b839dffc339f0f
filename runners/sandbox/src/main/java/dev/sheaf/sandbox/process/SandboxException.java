package dev.sheaf.sandbox.process;

/** A server of the sandbox could not be started, stopped or found; the message says why. */
public final class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SandboxException(String message) {
    super(message);
  }

  public SandboxException(String message, Throwable cause) {
    super(message, cause);
  }
}
