package dev.sheaf.pipelines.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The table per key that a person reads: the first keys, then the rest in one line. */
public final class KeyTable {
  private KeyTable() {}

  /**
   * Lays out the keys of a run.
   *
   * @param keyName the key's column
   * @param most keys shown one by one; those without a model are shown first and always counted
   */
  public static String of(RunSummary run, String keyName, int most) {
    StringBuilder text = new StringBuilder();
    text.append(format(keyName, "rows", "RMSE", "MAE", "baseline RMSE", "seconds", "status"));
    List<KeySummary> shown = shown(run.perKey(), most);
    for (KeySummary key : shown) {
      text.append(
          format(
              shortened(key.key()),
              String.format(Locale.ROOT, "%,d", key.rows()),
              error(key.rmse()),
              error(key.mae()),
              error(key.baselineRmse()),
              String.format(Locale.ROOT, "%.3f", key.seconds()),
              status(key)));
    }
    int left = run.perKey().size() - shown.size();
    if (left > 0) {
      text.append(String.format(Locale.ROOT, "… and %,d more keys%n", left));
    }
    text.append(
        format(
            "median",
            "",
            error(orNull(run.median(KeySummary::rmse))),
            error(orNull(run.median(KeySummary::mae))),
            error(orNull(run.median(KeySummary::baselineRmse))),
            "",
            ""));
    return text.toString();
  }

  private static List<KeySummary> shown(List<KeySummary> keys, int most) {
    List<KeySummary> shown = new ArrayList<>();
    keys.stream().filter(key -> key.modelVersion() == null).limit(most / 2).forEach(shown::add);
    keys.stream()
        .filter(key -> key.modelVersion() != null)
        .limit(most - shown.size())
        .forEach(shown::add);
    return shown;
  }

  private static String format(Object... cells) {
    return String.format(Locale.ROOT, "%-16s %9s %12s %12s %14s %9s  %s%n", cells)
        .replaceAll(" +(\\R)$", "$1");
  }

  private static String shortened(String key) {
    return key.length() <= 16 ? key : key.substring(0, 15) + "…";
  }

  /** What is known of a trained key's features is in the summary; here it would fill the screen. */
  private static String status(KeySummary key) {
    return key.modelVersion() != null || key.reason().isEmpty()
        ? key.status()
        : key.status() + ": " + key.reason();
  }

  private static String error(@Nullable Double value) {
    if (value == null) {
      return "-";
    }
    return String.format(Locale.ROOT, Math.abs(value) < 1000 ? "%.4g" : "%,.1f", value);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
