package dev.sheaf.benchmarks;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.inference.RunInference;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/**
 * Resident memory while models are taken over from one version to the next, in a process of its
 * own: each version's models are opened, used and, by the budget, closed again.
 */
final class RefreshBenchmark {
  /** The name of the benchmark that such a process runs. */
  static final String NAME = "refresh-once";

  private static final Schema SCHEMA = ScoringRows.schema(MadeModels.FEATURES);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int HEAP_MEBIBYTES = 512;
  private static final int SAMPLES = 20;

  /** A version serves from the next bundle on if it has at most so many keys in use. */
  private static final int MOST_KEYS = 32;

  private final ModelStore store;
  private final List<VersionId> versions = new ArrayList<>();

  private RefreshBenchmark(ModelStore store) {
    this.store = store;
  }

  /**
   * {@code refresh:times=1000,keys=20,budget=8}: refreshes, keys of a version (up to 32), MiB for
   * open sessions.
   */
  static String run(Request request, Path folder) throws Exception {
    int times = request.number("times", 1000);
    int keys = request.number("keys", 20);
    int budget = request.number("budget", 8);
    if (keys > MOST_KEYS) {
      throw new IllegalArgumentException("refresh: keys: up to " + MOST_KEYS + ", found " + keys);
    }
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "### %,d refreshes, each to another version of %d keys, %d MiB for open"
                    + " sessions%n%n| | resident MiB after a tenth | in the middle | at the end |"
                    + " MiB more in a hundred refreshes, over the later half | refreshes | models"
                    + " that a row waited for | closed by the budget |%n|---|---|---|---|---|---|---|---|%n",
                times,
                keys,
                budget));
    for (String family : List.of("linear", "trees")) {
      Path at = folder.resolve("refresh-" + family);
      text.append(
              OwnProcess.withFixedHeap(HEAP_MEBIBYTES)
                  .run(
                      "%s:at=%s,family=%s,times=%d,keys=%d,budget=%d"
                          .formatted(NAME, at, family, times, keys, budget))
                  .strip())
          .append('\n');
    }
    return text.append('\n').toString();
  }

  /** Refreshes in this process; a line of the table. */
  static String once(Request request) {
    int keys = request.number("keys", 20);
    int times = request.number("times", 1000);
    ModelStore store = ModelStore.at(request.text("at", ""));
    MadeModels models = MadeModels.small(request.text("family", "linear"), keys);
    RefreshBenchmark benchmark = new RefreshBenchmark(store);
    benchmark.publish(models, times + 1);
    store.promote(ModelStore.CHAMPION, Alias.to(benchmark.versions.get(0)));
    RunInference infer =
        RunInference.with(store.champion())
            .keyedBy("K")
            .refreshedEvery(INTERVAL)
            .withClock(new SteppingClock())
            .withCacheBudget((long) request.number("budget", 8) << 20);
    return "| " + models.text() + " " + benchmark.refresh(infer, keys, times);
  }

  /** The same models again and again, in files that say which version they are of. */
  private void publish(MadeModels models, int count) {
    List<byte[]> files = new ArrayList<>();
    IntFunction<byte[]> made = models.files(0);
    for (int key = 0; key < models.keys(); key++) {
      files.add(made.apply(key));
    }
    for (int i = 0; i < count; i++) {
      String name = Integer.toString(i);
      versions.add(
          MadeModels.publish(
              store,
              Instant.EPOCH.plusSeconds(i),
              models.keys(),
              key -> ModelMetadata.withProperty(files.get(key), ModelMetadata.VERSION, name)));
    }
  }

  private String refresh(RunInference infer, int keys, int times) {
    OutputSum out = OutputSum.ofRows(MadeModels.FEATURES + 1);
    AtomicReference<String> serving = new AtomicReference<>("");
    Consumer<Object> checked =
        output -> {
          if (!Objects.equals(serving.get(), ((Row) output).getString("MODEL_VERSION"))) {
            throw new IllegalStateException("not scored by " + serving + ": " + output);
          }
          out.accept(output);
        };
    Trend trend = new Trend();
    double[] resident = new double[SAMPLES + 1];
    int step = Math.max(1, times / SAMPLES);
    try (Harness<Row> harness = Harness.ofRows(SCHEMA, input -> input.apply(infer), checked)) {
      for (int i = 1; i <= times; i++) {
        store.promote(ModelStore.CHAMPION, Alias.to(versions.get(i)));
        SteppingClock.step(INTERVAL.plusSeconds(1));
        serving.set(versions.get(i).toString());
        harness.bundle(
            ScoringRows.make(keys * 10, MadeModels.FEATURES, KeyDraw.uniform(keys), i)
                .rows(SCHEMA));
        out.take(keys * 10L);
        if (i % step == 0) {
          double now = Memory.residentMebibytes();
          resident[Math.min(SAMPLES, i / step)] = now;
          trend.add(i / 100.0, now);
        }
      }
      return String.format(
          Locale.ROOT,
          "| %.1f | %.1f | %.1f | %.2f | %,d | %,d | %,d |%n",
          resident[SAMPLES / 10],
          resident[SAMPLES / 2],
          resident[SAMPLES],
          trend.laterHalf().slope(),
          harness.counted().getOrDefault("model_refreshes", 0L),
          harness.counted().getOrDefault("model_cache_misses", 0L),
          harness.counted().getOrDefault("model_cache_evictions", 0L));
    }
  }
}
