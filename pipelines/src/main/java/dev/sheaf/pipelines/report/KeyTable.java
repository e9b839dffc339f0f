package dev.sheaf.pipelines.report;

import dev.sheaf.models.store.ModelScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table per key that a person reads: the first keys, then the rest in one line, then the models
 * to fall back to.
 */
public final class KeyTable {
  private static final int NARROWEST = 16;
  private static final int WIDEST = 32;

  private final StringBuilder text = new StringBuilder();
  private final String lossName;
  private final String measureName;
  private final Function<KeySummary, @Nullable Double> measure;
  private final boolean severalTrainers;
  private final int width;

  private KeyTable(List<KeySummary> all) {
    boolean classes = KeySummary.areClassified(all);
    lossName =
        all.isEmpty()
            ? "loss"
            : all.get(0).loss().name().replace('_', ' ').toUpperCase(Locale.ROOT);
    measureName = classes ? "accuracy" : "MAE";
    measure = classes ? KeySummary::accuracy : KeySummary::mae;
    severalTrainers =
        all.stream()
                .filter(key -> key.modelVersion() != null)
                .map(KeySummary::trainer)
                .distinct()
                .count()
            > 1;
    width =
        Math.min(
            WIDEST,
            Math.max(NARROWEST, all.stream().mapToInt(k -> name(k).length()).max().orElse(0)));
  }

  /**
   * Lays out the keys of a run.
   *
   * @param keyName the key's column
   * @param most keys shown one by one, and as many models to fall back to; those without a model
   *     are shown first and always counted
   */
  public static String of(RunSummary run, String keyName, int most) {
    KeyTable table =
        new KeyTable(Stream.concat(run.perKey().stream(), run.fallback().stream()).toList());
    table.header(keyName);
    table.body(run.perKey(), most, "keys");
    table.median(run);
    if (!run.fallback().isEmpty()) {
      table.text.append(String.format(Locale.ROOT, "%nModels to fall back to:%n"));
      table.body(run.fallback(), most, "groups");
    }
    return table.text.toString();
  }

  private void header(String keyName) {
    line(
        keyName,
        "rows",
        lossName,
        measureName,
        "baseline " + lossName,
        "trainer",
        "seconds",
        "status");
  }

  private void body(List<KeySummary> keys, int most, String what) {
    List<KeySummary> shown = shown(keys, most);
    for (KeySummary key : shown) {
      line(
          shortened(name(key)),
          String.format(Locale.ROOT, "%,d", key.rows()),
          error(key.modelLoss()),
          error(measure.apply(key)),
          error(key.baselineLoss()),
          key.modelVersion() == null ? "-" : key.trainer(),
          String.format(Locale.ROOT, "%.3f", key.seconds()),
          status(key));
    }
    int left = keys.size() - shown.size();
    if (left > 0) {
      text.append(String.format(Locale.ROOT, "… and %,d more %s%n", left, what));
    }
  }

  private void median(RunSummary run) {
    line(
        "median",
        "",
        error(orNull(run.median(KeySummary::modelLoss))),
        error(orNull(run.median(measure))),
        error(orNull(run.median(KeySummary::baselineLoss))),
        "",
        "",
        "");
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

  private void line(
      String key,
      String rows,
      String loss,
      String other,
      String baseline,
      String trainer,
      String seconds,
      String status) {
    String winner = severalTrainers ? String.format(Locale.ROOT, " %10s", trainer) : "";
    String line =
        String.format(
            Locale.ROOT,
            "%-" + width + "s %9s %12s %12s %14s%s %9s  %s",
            key,
            rows,
            loss,
            other,
            baseline,
            winner,
            seconds,
            status);
    text.append(line.stripTrailing()).append(System.lineSeparator());
  }

  private static String name(KeySummary key) {
    if (key.scope().equals(KeySummary.KEY)) {
      return key.key();
    }
    return ModelScope.ofStoreKey(key.key()) instanceof ModelScope.Group group
        ? group.column() + "=" + group.value()
        : "all rows";
  }

  private String shortened(String key) {
    return key.length() <= width ? key : key.substring(0, width - 1) + "…";
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
