package dev.sheaf.benchmarks;

import java.util.Map;
import java.util.TreeMap;

/**
 * A benchmark as it is asked for: {@code train}, or with settings {@code
 * train:linear=500,rounds=1}.
 *
 * @param name its name
 * @param settings what is to be other than usual
 */
record Request(String name, Map<String, String> settings) {
  Request {
    settings = Map.copyOf(settings);
  }

  static Request parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return new Request(text, Map.of());
    }
    Map<String, String> settings = new TreeMap<>();
    for (String setting : text.substring(colon + 1).split(",", -1)) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "cannot read '" + setting + "' of " + text + ": settings are NAME=VALUE,NAME=VALUE");
      }
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return new Request(text.substring(0, colon), settings);
  }

  int number(String setting, int usual) {
    String text = settings.get(setting);
    return text == null ? usual : Integer.parseInt(text);
  }

  double decimal(String setting, double usual) {
    String text = settings.get(setting);
    return text == null ? usual : Double.parseDouble(text);
  }

  String text(String setting, String usual) {
    return settings.getOrDefault(setting, usual);
  }
}
