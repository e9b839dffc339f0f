package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.beam.sdk.metrics.Metric;
import org.junit.jupiter.api.Test;

/** The page tells of every metric and of no other. */
final class MetricsPageTest {
  private static final String PAGE = "docs/metrics.md";

  /** The percentiles' counters are one name with many ends. */
  private static final Pattern NAME = Pattern.compile("`([a-z_]+)`");

  private static Path page() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve(PAGE))) {
      folder = Objects.requireNonNull(folder.getParent(), "no folder has " + PAGE);
    }
    return folder.resolve(PAGE);
  }

  @Test
  void everyMetricIsOnThePage() throws IOException, IllegalAccessException {
    SortedSet<String> metrics = new TreeSet<>();
    metrics.add(LatencyHistogram.DISTRIBUTION);
    InferenceMetrics all = new InferenceMetrics();
    for (Field field : InferenceMetrics.class.getDeclaredFields()) {
      if (Metric.class.isAssignableFrom(field.getType())) {
        metrics.add(((Metric) Objects.requireNonNull(field.get(all))).getName().getName());
      }
    }
    String table =
        Files.readString(page())
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf('|', 1)))
            .collect(Collectors.joining());
    SortedSet<String> told =
        NAME.matcher(table)
            .results()
            .map(name -> name.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(metrics, told);
  }
}
