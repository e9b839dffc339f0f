package dev.sheaf.benchmarks;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Resident memory while many keys are scored within a small budget, in a process of its own. */
final class SteadyMemory {
  /** The name of the benchmark that such a process runs. */
  static final String NAME = "store-memory";

  private static final Schema SCHEMA = ScoringRows.schema(MadeModels.FEATURES);
  private static final int SAMPLES = 10;
  private static final int HEAP_MEBIBYTES = 1536;

  private final int rows;
  private final int bundle;
  private final KeyDraw draw;
  private final Harness<Row> harness;
  private final OutputSum out;
  private final double before;
  private final Trend trend = new Trend();

  private SteadyMemory(Request request, KeyDraw draw, Harness<Row> harness, OutputSum out) {
    this.rows = request.number("rows", 1);
    this.bundle = request.number("bundle", 100_000);
    this.draw = draw;
    this.harness = harness;
    this.out = out;
    harness.bundle(ScoringRows.make(1, MadeModels.FEATURES, random -> 0, 0).rows(SCHEMA));
    out.take(1);
    this.before = Memory.residentMebibytes();
  }

  static String inOwnProcess(Request request, Path store, int keys)
      throws IOException, InterruptedException {
    return OwnProcess.withFixedHeap(HEAP_MEBIBYTES)
        .run(
            "%s:at=%s,keys=%d,rows=%d,bundle=%d,budget=%d,zipf=%s,limit=%d"
                .formatted(
                    NAME,
                    store,
                    keys,
                    request.number("rows", 10_000_000),
                    request.number("bundle", 100_000),
                    request.number("budget", 32),
                    request.decimal("zipf", 1.0),
                    request.number("limit", 150)));
  }

  /** Scores in this process and tells of its memory. */
  static String run(Request request) {
    int keys = request.number("keys", 1);
    int budget = request.number("budget", 32);
    double zipf = request.decimal("zipf", 1.0);
    RunInference infer =
        RunInference.with(ModelStore.at(request.text("at", "")).champion())
            .keyedBy("K")
            .withCacheBudget((long) budget << 20);
    OutputSum out = OutputSum.ofRows(MadeModels.FEATURES + 1);
    try (Harness<Row> harness = Harness.ofRows(SCHEMA, input -> input.apply(infer), out)) {
      SteadyMemory memory = new SteadyMemory(request, KeyDraw.zipf(keys, zipf), harness, out);
      return String.format(
              Locale.ROOT,
              "Rows by Zipf's law of exponent %s over %,d keys, in bundles of %,d, with %d MiB for"
                  + " open sessions. Resident once the index is read, one model open and a heap of"
                  + " %,d MiB touched: %.1f MiB%n%n",
              zipf,
              keys,
              memory.bundle,
              budget,
              HEAP_MEBIBYTES,
              memory.before)
          + memory.table(request.number("limit", 150));
    }
  }

  private String table(int limitSeconds) {
    StringBuilder text =
        new StringBuilder(
            "| rows | resident MiB more | models MiB, as the cache counts, heap or not | rows/s | hits"
                + " and misses | hits | evictions |\n|---|---|---|---|---|---|---|\n");
    int step = Math.max(bundle, rows / SAMPLES);
    long began = System.nanoTime();
    SortedMap<String, Long> last = harness.counted();
    double seconds = 0;
    int done = 0;
    while (done < rows && (System.nanoTime() - began) / 1e9 < limitSeconds) {
      seconds += seconds(done);
      done += bundle;
      if (done / step > (done - bundle) / step) {
        SortedMap<String, Long> now = harness.counted();
        text.append(line(done, step / seconds, last, now));
        last = now;
        seconds = 0;
      }
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "%nResident memory grows by %.2f MiB in a million rows over the later half of the"
                    + " %,d rows.%s%n",
                trend.laterHalf().slope(),
                done,
                done < rows ? " The time limit ended it." : ""))
        .toString();
  }

  private double seconds(int seed) {
    var made = ScoringRows.make(bundle, MadeModels.FEATURES, draw, seed + 1L).rows(SCHEMA);
    long start = System.nanoTime();
    harness.bundle(made);
    double seconds = (System.nanoTime() - start) / 1e9;
    out.take(bundle);
    return seconds;
  }

  private String line(
      int done, double rate, SortedMap<String, Long> last, SortedMap<String, Long> now) {
    double more = Memory.residentMebibytes() - before;
    trend.add(done / 1e6, more);
    long hits = KeysBenchmark.since(last, now, "model_cache_hits");
    long asked = hits + KeysBenchmark.since(last, now, "model_cache_misses");
    return String.format(
        Locale.ROOT,
        "| %,d | %.1f | %.1f | %,.0f | %,d | %.1f %% | %,d |%n",
        done,
        more,
        now.getOrDefault("model_cache_bytes", 0L) / (double) (1 << 20),
        rate,
        asked,
        100.0 * hits / Math.max(1, asked),
        KeysBenchmark.since(last, now, "model_cache_evictions"));
  }
}
