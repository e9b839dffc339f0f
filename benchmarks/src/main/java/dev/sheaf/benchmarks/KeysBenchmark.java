package dev.sheaf.benchmarks;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** How inference goes with the number of keys: the DoFn alone, one thread. */
final class KeysBenchmark {
  private static final Schema SCHEMA = ScoringRows.schema(MadeModels.FEATURES);
  private static final List<Integer> KEYS = List.of(1, 100, 10_000, 100_000);

  private final RunInference infer;
  private final int bundle;
  private final int rows;
  private final double limitSeconds;

  private KeysBenchmark(RunInference infer, Request request) {
    this.infer = infer;
    this.bundle = request.number("bundle", 100_000);
    this.rows = request.number("rows", 1_000_000);
    this.limitSeconds = request.number("limit", 10);
  }

  /**
   * {@code keys:most=100000,rows=1000000,bundle=100000,budget=512,limit=10}: the most keys, rows
   * after those that warm up, rows of a bundle, MiB for open sessions, seconds after which a case
   * ends early.
   */
  static String run(Request request, Path folder) {
    int most = request.number("most", 100_000);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "### From 1 key to %,d: DoFn of RunInference.with(store) alone, linear models of %d"
                + " features, %d MiB for open sessions, one thread%n%n"
                + "First rows begin with no model open; the counts of the cache are of the rows then%n%n"
                + "| keys | drawn | rows | first rows/s | then rows/s | hits | misses | evictions"
                + " |%n|---|---|---|---|---|---|---|---|%n",
            most,
            MadeModels.FEATURES,
            request.number("budget", 512)));
    run(request, folder, 10, "at random"); // Warms up.
    for (int keys : KEYS.stream().filter(keys -> keys <= most).toList()) {
      for (String drawn : List.of("at random", "by Zipf's law")) {
        text.append("| %,d | %s |".formatted(keys, drawn))
            .append(run(request, folder, keys, drawn));
      }
    }
    return text.append('\n').toString();
  }

  private static String run(Request request, Path folder, int keys, String drawn) {
    boolean uniform = drawn.equals("at random");
    ModelStore store = ModelStore.at(folder.resolve("keys-" + keys + drawn).toString());
    // Each way of drawing has models of its own, so that none finds the other's open.
    InferBenchmark.models("linear", keys).publish(store, Instant.EPOCH, uniform ? 0 : 1);
    long budget = (long) request.number("budget", 512) << 20;
    RunInference infer = RunInference.with(store.champion()).keyedBy("K").withCacheBudget(budget);
    return new KeysBenchmark(infer, request)
        .line(uniform ? KeyDraw.uniform(keys) : KeyDraw.zipf(keys, 1.0));
  }

  private String line(KeyDraw draw) {
    OutputSum out = OutputSum.ofRows(MadeModels.FEATURES + 1);
    try (Harness<Row> harness = Harness.ofRows(SCHEMA, input -> input.apply(infer), out)) {
      double first = seconds(harness, out, draw, -1);
      double then = 0;
      int done = 0;
      SortedMap<String, Long> before = harness.counted();
      for (int piece = 0; done < rows && then < limitSeconds; piece++) {
        then += seconds(harness, out, draw, piece);
        done += bundle;
      }
      SortedMap<String, Long> after = harness.counted();
      return String.format(
          Locale.ROOT,
          " %,d | %,.0f | %,.0f | %,d | %,d | %,d |%n",
          done,
          bundle / first,
          done / then,
          since(before, after, "model_cache_hits"),
          since(before, after, "model_cache_misses"),
          since(before, after, "model_cache_evictions"));
    }
  }

  private double seconds(Harness<Row> harness, OutputSum out, KeyDraw draw, int piece) {
    List<Row> rows =
        ScoringRows.make(bundle, MadeModels.FEATURES, draw, 7_001L + piece).rows(SCHEMA);
    long start = System.nanoTime();
    harness.bundle(rows);
    double seconds = (System.nanoTime() - start) / 1e9;
    out.take(bundle);
    System.err.printf(Locale.ROOT, "keys, piece %d: %.3f s%n", piece, seconds);
    return seconds;
  }

  /** How much a metric has grown. */
  static long since(SortedMap<String, Long> before, SortedMap<String, Long> after, String metric) {
    return after.getOrDefault(metric, 0L) - before.getOrDefault(metric, 0L);
  }
}
