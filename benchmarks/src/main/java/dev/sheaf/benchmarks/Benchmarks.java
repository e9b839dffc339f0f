package dev.sheaf.benchmarks;

import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs the benchmarks named on the command line, or all of them: {@code read train score}. The
 * tables go to standard output as Markdown, progress to standard error.
 */
public final class Benchmarks {
  private static final int ROUNDS = 3;

  private Benchmarks() {}

  public static void main(String... args) throws Exception {
    List<String> chosen = args.length == 0 ? List.of("read", "train", "score") : List.of(args);
    System.out.println(machine());
    Path folder = Files.createTempDirectory("sheaf-benchmarks");
    try {
      for (String name : chosen) {
        System.out.println(run(name, folder));
      }
    } finally {
      delete(folder);
    }
    System.exit(0); // The runner and the driver leave threads behind.
  }

  private static String run(String name, Path folder) throws Exception {
    return switch (name) {
      case "read" -> ReadBenchmark.run(folder, ROUNDS);
      case "train" -> TrainBenchmark.run(ROUNDS);
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
              "no benchmark named \"" + name + "\"; valid are read, train, score");
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
