package dev.sheaf.benchmarks;

import ai.onnxruntime.OrtException;
import dev.sheaf.models.store.ModelStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.values.Row;

/** What one row takes that comes alone: bundles of one element, calls of one row, one thread. */
final class LatencyBenchmark {
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
    byte[] onnx = models.onnx(0, 0);
    Door<Row> ofStore = Door.ofStore(store);
    byte[] matrix = MatrixModel.of(onnx);
    Door<Row> ofColumns = Door.ofColumns(matrix);
    Door<double[]> ofElements = Door.ofElements(matrix);
    OutputSum storeOut = ofStore.out().get();
    OutputSum columnsOut = ofColumns.out().get();
    OutputSum elementsOut = ofElements.out().get();
    try (PlainLoop loop = new PinnedLoop(onnx, 1);
        Harness<Row> storeIn = ofStore.harness().apply(storeOut);
        Harness<Row> columnsIn = ofColumns.harness().apply(columnsOut);
        Harness<double[]> elementsIn = ofElements.harness().apply(elementsOut)) {
      for (int round = 0; round <= rounds; round++) {
        ScoringRows made =
            ScoringRows.make(calls, MadeModels.FEATURES, KeyDraw.uniform(1), 17L + round);
        List<Row> rows = made.rows(Door.SCHEMA);
        List<double[]> elements = made.elements();
        Map<String, Call> contenders = new LinkedHashMap<>();
        contenders.put(
            "plain call of ONNX Runtime", i -> loop.predict(made.keys(), made.columns(), i, 1));
        contenders.put(
            "plain call that reads a Beam row",
            i -> loop.predict(rows.subList(i, i + 1), Map.of("0", 0)));
        contenders.put(ofStore.name(), i -> alone(storeIn, rows, i, storeOut));
        contenders.put(ofColumns.name(), i -> alone(columnsIn, rows, i, columnsOut));
        contenders.put(ofElements.name(), i -> alone(elementsIn, elements, i, elementsOut));
        List<Map.Entry<String, Call>> order = new ArrayList<>(contenders.entrySet());
        Collections.rotate(order, -round);
        for (Map.Entry<String, Call> contender : order) {
          time(contender.getKey(), round, contender.getValue());
        }
      }
    }
    StringBuilder text = new StringBuilder();
    nanos.forEach((name, samples) -> text.append(line(name, samples)));
    return text.toString();
  }

  private static <T> double alone(Harness<T> harness, List<T> elements, int i, OutputSum out) {
    harness.bundle(elements.subList(i, i + 1));
    return out.take(1);
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
