package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** The messages of expected failures. */
final class Refusals {
  private Refusals() {}

  static String of(Executable executable) {
    return message(assertThrows(IllegalArgumentException.class, executable));
  }

  static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }
}
