package dev.sheaf.pipelines.cli;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a failure means to the person at the terminal: an exit code and one line.
 *
 * @param exitCode {@link #WRONG_OPTION} when an option is wrong or does not fit the data, {@link
 *     #FAILED} when data or a service fails
 * @param line one line that says what is wrong
 */
public record Failure(int exitCode, String line) {
  /** Data or a service failed. */
  public static final int FAILED = 1;

  /** An option is wrong or does not fit the data. */
  public static final int WRONG_OPTION = 2;

  private static final int LONGEST_LINE = 600;

  /** Wrappers of runners, whose own message says nothing that their cause does not say better. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "PipelineExecutionException",
          "UserCodeException",
          "ExecutionException",
          "CompletionException",
          "InvocationTargetException",
          "UndeclaredThrowableException");

  /** Reads a failure that happened while options were checked and the pipeline was built. */
  public static Failure whileBuilding(Throwable thrown) {
    Throwable told = unwrapped(thrown);
    return new Failure(
        told instanceof IllegalArgumentException ? WRONG_OPTION : FAILED, line(told));
  }

  /** Reads a failure that happened while the pipeline ran. */
  public static Failure whileRunning(Throwable thrown) {
    return new Failure(FAILED, line(unwrapped(thrown)));
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable told = thrown;
    Throwable cause = told.getCause();
    while (cause != null && saysNoMoreThan(told, cause)) {
      told = cause;
      cause = told.getCause();
    }
    return told;
  }

  private static boolean saysNoMoreThan(Throwable thrown, Throwable cause) {
    String message = thrown.getMessage();
    return WRAPPERS.contains(thrown.getClass().getSimpleName())
        || message == null
        || message.equals(cause.toString());
  }

  private static String line(Throwable told) {
    @Nullable String message = told.getMessage();
    String text = message == null ? told.getClass().getSimpleName() : message;
    String oneLine = text.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    return oneLine.length() <= LONGEST_LINE ? oneLine : oneLine.substring(0, LONGEST_LINE) + "…";
  }
}
