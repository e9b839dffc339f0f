package dev.sheaf.benchmarks;

import ai.onnxruntime.OrtException;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** What one row takes that comes alone: bundles of one element, calls of one row, one thread. */
final class LatencyBenchmark {
  private static final Schema SCHEMA = ScoringRows.schema(MadeModels.FEATURES);

  private final String family;
  private final int calls;
  private final int rounds;
  private final Agreement agreement = new Agreement();
  private final Map<String, List<long[]>> nanos = new LinkedHashMap<>();

  private LatencyBenchmark(String family, int calls, int rounds) {
    this.family = family;
    this.calls = calls;
    this.rounds = rounds;
  }

  /** {@code latency:calls=50000,rounds=3}: calls of each contender in a round. */
  static String run(Request request, Path folder) throws Exception {
    int calls = request.number("calls", 50_000);
    int rounds = request.number("rounds", 3);
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "### One row at a time, one thread: microseconds, of %,d calls in each of %d rounds"
                    + "%n%n| | p50 | p90 | p99 | p99.9 |%n|---|---|---|---|---|%n",
                calls,
                rounds));
    for (String family : List.of("linear", "mlp", "trees")) {
      MadeModels models = InferBenchmark.models(family, 1);
      ModelStore store = ModelStore.at(folder.resolve("latency-" + family).toString());
      models.publish(store, Instant.EPOCH, 0);
      text.append(new LatencyBenchmark(family, calls, rounds).measure(models, store));
    }
    return text.append('\n').toString();
  }

  /** Does what is timed with one row; gives its prediction. */
  private interface Call {
    double run(int row) throws OrtException;
  }

  private String measure(MadeModels models, ModelStore store) throws Exception {
    RunInference infer = RunInference.with(store.champion()).keyedBy("K");
    RowSum out = new RowSum("PREDICTION");
    try (PlainLoop loop = new PinnedLoop(models.onnx(0, 0));
        Harness<Row> harness = Harness.ofRows(SCHEMA, rows -> rows.apply(infer), out)) {
      for (int round = 0; round <= rounds; round++) {
        ScoringRows made =
            ScoringRows.make(calls, MadeModels.FEATURES, KeyDraw.uniform(1), 17L + round);
        List<Row> rows = made.rows(SCHEMA);
        Call plain = i -> loop.predict(made.keys(), made.columns(), i, 1);
        Call reads = i -> loop.predict(rows.subList(i, i + 1), Map.of("0", 0));
        Call doFn =
            i -> {
              out.reset();
              harness.bundle(rows.subList(i, i + 1));
              return out.sum(1);
            };
        Map<String, Call> contenders = new LinkedHashMap<>();
        contenders.put("plain call of ONNX Runtime", plain);
        contenders.put("plain call that reads a Beam row", reads);
        contenders.put("DoFn of RunInference.with(store), bundle of one", doFn);
        List<String> names = new ArrayList<>(contenders.keySet());
        for (int c = 0; c < names.size(); c++) {
          String name = names.get((c + round) % names.size());
          time(name, round, contenders.getOrDefault(name, plain));
        }
      }
    }
    StringBuilder text = new StringBuilder();
    nanos.forEach((name, samples) -> text.append(line(name, samples)));
    return text.toString();
  }

  private void time(String name, int round, Call call) throws OrtException {
    System.gc(); // One contender's garbage is not collected at another's expense.
    long[] took = new long[calls];
    double sum = 0;
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      sum += call.run(i);
      took[i] = System.nanoTime() - start;
    }
    agreement.check(name, round, sum);
    List<long[]> samples = nanos.computeIfAbsent(name, absent -> new ArrayList<>());
    if (round > 0) {
      samples.add(took);
    }
  }

  private String line(String name, List<long[]> samples) {
    long[] all = samples.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "| %s: %s | %.1f | %.1f | %.1f | %.1f |%n",
        family,
        name,
        micros(all, 0.5),
        micros(all, 0.9),
        micros(all, 0.99),
        micros(all, 0.999));
  }

  private static double micros(long[] sorted, double part) {
    return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length))] / 1e3;
  }
}
