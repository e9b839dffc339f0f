package dev.sheaf.benchmarks;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.transforms.inference.RunInference;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** From the start of a JVM to the first prediction, in processes of their own. */
final class ColdStart {
  /** The name of the benchmark that such a process runs. */
  static final String NAME = "store-cold";

  private static final String STEPS = "steps";
  private static final String DO_FN = "dofn";
  private static final List<String> OF_STEPS =
      List.of(
          "resolve the champion: alias, manifest, index",
          "load the first model: read, check its digest",
          "open its session, ONNX Runtime's own start in it",
          "the first prediction",
          "load, open and predict with a second model");
  private static final List<String> OF_DO_FN =
      List.of(
          "build the graph and set up the DoFn of RunInference",
          "its first bundle, of one row",
          "its second bundle, a row of another key",
          "from the start of the JVM to the end of the first bundle");

  private ColdStart() {}

  /** Medians of several starts. */
  static String table(Path store, int keys, int times) throws IOException, InterruptedException {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "| a fresh JVM, the store's files in the system's cache; median of %d |"
                    + " milliseconds |%n|---|---|%n",
                times));
    append(text, OF_STEPS, STEPS, store, keys, times);
    append(text, OF_DO_FN, DO_FN, store, keys, times);
    return text.append('\n').toString();
  }

  private static void append(
      StringBuilder text, List<String> names, String way, Path store, int keys, int times)
      throws IOException, InterruptedException {
    double[][] millis = new double[times][];
    for (int i = 0; i < times; i++) {
      String line =
          OwnProcess.with("-Xmx2g").run(NAME + ":way=" + way + ",keys=" + keys + ",at=" + store);
      millis[i] =
          Arrays.stream(line.strip().split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    }
    for (int n = 0; n < names.size(); n++) {
      int place = n;
      double[] sorted = Arrays.stream(millis).mapToDouble(run -> run[place]).sorted().toArray();
      text.append(
          String.format(Locale.ROOT, "| %s | %.1f |%n", names.get(n), sorted[sorted.length / 2]));
    }
  }

  /** One start, in this process: milliseconds of each step. */
  static String run(Request request) {
    ModelStore store = ModelStore.at(request.text("at", ""));
    int keys = request.number("keys", 1);
    double[] millis =
        request.text("way", STEPS).equals(STEPS) ? steps(store, keys) : doFn(store, keys);
    return String.join(
        " ",
        DoubleStream.of(millis).mapToObj(ms -> String.format(Locale.ROOT, "%.2f", ms)).toList());
  }

  private static double[] steps(ModelStore store, int keys) {
    double[] millis = new double[OF_STEPS.size()];
    long start = System.nanoTime();
    ResolvedModels models = store.champion().resolve();
    millis[0] = millisSince(start);
    start = System.nanoTime();
    ModelRef ref = ref(models, keys / 2);
    byte[] onnx = models.load(ref);
    millis[1] = millisSince(start);
    start = System.nanoTime();
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      millis[2] = millisSince(start);
      start = System.nanoTime();
      predict(session);
      millis[3] = millisSince(start);
    }
    start = System.nanoTime();
    try (ModelSession session =
        ModelSession.open(models.load(ref(models, keys / 3)), ExecutionProvider.cpu())) {
      predict(session);
    }
    millis[4] = millisSince(start);
    return millis;
  }

  private static ModelRef ref(ResolvedModels models, int key) {
    return models.find(ModelScope.key(Integer.toString(key)).storeKey()).orElseThrow();
  }

  private static void predict(ModelSession session) {
    InputColumns columns = InputColumns.of(session.features(), 1);
    for (int f = 0; f < session.features().size(); f++) {
      columns.numbers(f)[0] = f + 0.5;
    }
    if (Double.isNaN(session.predict(columns)[0])) {
      throw new IllegalStateException("the prediction is not a number");
    }
  }

  private static double[] doFn(ModelStore store, int keys) {
    double[] millis = new double[OF_DO_FN.size()];
    Schema schema = ScoringRows.schema(MadeModels.FEATURES);
    RunInference infer = RunInference.with(store.champion()).keyedBy("K");
    OutputSum out = OutputSum.ofRows(MadeModels.FEATURES + 1);
    long start = System.nanoTime();
    try (Harness<Row> harness = Harness.ofRows(schema, rows -> rows.apply(infer), out)) {
      millis[0] = millisSince(start);
      start = System.nanoTime();
      harness.bundle(ScoringRows.make(1, MadeModels.FEATURES, r -> keys / 2, 1).rows(schema));
      millis[1] = millisSince(start);
      millis[3] = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
      start = System.nanoTime();
      harness.bundle(ScoringRows.make(1, MadeModels.FEATURES, r -> keys / 3, 2).rows(schema));
      millis[2] = millisSince(start);
      out.take(2);
    }
    return millis;
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }
}
