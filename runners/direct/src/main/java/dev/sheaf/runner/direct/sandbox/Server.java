package dev.sheaf.runner.direct.sandbox;

import java.util.Arrays;
import java.util.Locale;

/** The servers of a sandbox, in the order in which they start. */
enum Server {
  SNOWFLAKE,
  KAFKA,
  FLINK;

  /** The server of a name, upper or lower case. */
  static Server of(String label) {
    return Arrays.stream(values())
        .filter(server -> server.label().equalsIgnoreCase(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "cannot tell what '" + label + "' is: a server is snowflake, kafka or flink"));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
