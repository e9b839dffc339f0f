package dev.sheaf.runner.direct.sandbox;

import java.util.Locale;

/** The servers of a sandbox, in the order in which they start. */
enum Server {
  SNOWFLAKE,
  KAFKA,
  FLINK;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
