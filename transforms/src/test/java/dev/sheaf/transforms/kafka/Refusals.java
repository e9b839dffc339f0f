package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** The messages of expected failures. */
final class Refusals {
  private Refusals() {}

  static String of(Executable executable) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, executable).getMessage());
  }
}
