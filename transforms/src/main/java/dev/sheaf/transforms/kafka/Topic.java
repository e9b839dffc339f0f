package dev.sheaf.transforms.kafka;

import java.util.regex.Pattern;

/** Names of topics and of consumer groups. */
final class Topic {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private Topic() {}

  /** The name, where it is one that Kafka allows for a topic. */
  static String named(String caller, String name) {
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          caller
              + " needs a name of 1 to 249 letters, digits, dots, underscores and hyphens, found: "
              + name);
    }
    return name;
  }
}
