package dev.sheaf.benchmarks;

import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs the benchmarks named on the command line, or those that need no data: {@code read train
 * score growth}; a name may be followed by settings, such as {@code train:linear=500,rounds=1}. The
 * tables go to standard output as Markdown, progress to standard error.
 */
public final class Benchmarks {
  /** Of what goes between processes. */
  static final Charset CHARSET = StandardCharsets.UTF_8;

  /** One training in a process of its own, to see its memory. */
  private static final String ONCE = "train-once";

  /** What runs in a process of its own, for another benchmark that reads what it prints. */
  private static final List<String> PARTS =
      List.of(
          ONCE,
          ColdStart.NAME,
          SteadyMemory.NAME,
          RefreshBenchmark.NAME,
          InferPipelineBenchmark.ON_FLINK,
          StreamJob.NAME);

  private static final int ROUNDS = 3;
  private static final List<String> USUAL = List.of("read", "train", "score", "growth");

  private Benchmarks() {}

  public static void main(String... args) throws Exception {
    List<String> chosen = args.length == 0 ? USUAL : List.of(args);
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, CHARSET);
    if (!PARTS.contains(Request.parse(chosen.get(0)).name())) {
      out.println(machine());
    }
    Path folder = Files.createTempDirectory("sheaf-benchmarks");
    try {
      for (String name : chosen) {
        out.println(run(Request.parse(name), folder));
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } finally {
      delete(folder);
    }
    System.exit(0); // The runner and the driver leave threads behind.
  }

  private static String run(Request request, Path folder) throws Exception {
    return switch (request.name()) {
      case "read" -> ReadBenchmark.run(folder, ROUNDS);
      case "train" -> TrainBenchmark.run(request);
      case ONCE -> TrainBenchmark.once(request);
      case "growth" -> GrowthBenchmark.run(request);
      case "rossmann-train" -> StoresBenchmark.run(request);
      case "families" -> FamiliesBenchmark.run(request);
      case "gpu" -> GpuBenchmark.run(request);
      case "infer" -> InferBenchmark.run(request, folder);
      case "infer-pipeline" -> InferPipelineBenchmark.run(request, folder);
      case InferPipelineBenchmark.ON_FLINK -> InferPipelineBenchmark.onFlink(request, folder);
      case "stream" -> StreamBenchmark.run(request, folder);
      case StreamJob.NAME -> StreamJob.submit(request);
      case "latency" -> LatencyBenchmark.run(request, folder);
      case "store" -> StoreBenchmark.run(request, folder);
      case ColdStart.NAME -> ColdStart.run(request);
      case SteadyMemory.NAME -> SteadyMemory.run(request);
      case "refresh" -> RefreshBenchmark.run(request, folder);
      case RefreshBenchmark.NAME -> RefreshBenchmark.once(request);
      case "keys" -> KeysBenchmark.run(request, folder);
      case "m5" -> WideBenchmark.run(request, folder);
      case "score" ->
          ScoreBenchmark.run(
                  "Scoring: 1,000 linear models of 8 features",
                  new KeyedRows(1000, 1000, 8),
                  Linear.regression(),
                  folder.resolve("linear"),
                  ROUNDS)
              + ScoreBenchmark.run(
                  "Scoring: 50 XGBoost models of 100 trees of depth 6 and 8 features",
                  new KeyedRows(50, 6000, 8),
                  Xgboost.regression().withRounds(100).withMaxDepth(6),
                  folder.resolve("trees"),
                  ROUNDS);
      default ->
          throw new IllegalArgumentException(
              "no benchmark named \""
                  + request.name()
                  + "\"; valid are read, train, score, growth, infer, infer-pipeline, latency, keys, store, refresh, stream, gpu and, on real data,"
                  + " rossmann-train, families, m5");
    };
  }

  private static String machine() {
    Runtime runtime = Runtime.getRuntime();
    return String.format(
        Locale.ROOT,
        "%s %s, %d cores, heap %,d MiB, Java %s%n",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        runtime.availableProcessors(),
        runtime.maxMemory() >> 20,
        System.getProperty("java.version"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
