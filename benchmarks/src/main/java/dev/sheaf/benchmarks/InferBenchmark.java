package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.train.Trainer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.values.Row;

/**
 * The DoFn of inference alone, without a runner and on one thread, against plain ONNX Runtime loops
 * that do the same predictions.
 */
final class InferBenchmark {
  /** Rows that are in memory at once, made anew for each piece of each contender's round. */
  private static final int PIECE = 100_000;

  /** As Flink makes them. */
  private static final int SMALL_BUNDLE = 1000;

  private final MadeModels models;
  private final ModelStore store;
  private final KeyDraw draw;
  private final int pieces;
  private final Agreement agreement = new Agreement();

  /** The number of each key. */
  private final Map<String, Integer> index = new HashMap<>();

  private InferBenchmark(MadeModels models, ModelStore store, KeyDraw draw, int pieces) {
    this.models = models;
    this.store = store;
    this.draw = draw;
    this.pieces = pieces;
    for (int key = 0; key < models.keys(); key++) {
      index.put(Integer.toString(key), key);
    }
  }

  /**
   * {@code infer:rows=1000000,rounds=5,keys=10000,only=mlp}: rows a round (a fifth of them for
   * trees), keys of the linear models, and one of mlp, trees and linear.
   */
  static String run(Request request, Path folder) throws Exception {
    int rows = request.number("rows", 1_000_000);
    int rounds = request.number("rounds", 5);
    int keys = request.number("keys", 10_000);
    String only = request.text("only", "");
    StringBuilder text = new StringBuilder();
    for (String family : List.of("mlp", "trees", "linear")) {
      if (only.isEmpty() || only.equals(family)) {
        MadeModels models = models(family, keys);
        ModelStore store = ModelStore.at(folder.resolve("infer-" + family).toString());
        models.publish(store, Instant.EPOCH, 0);
        int pieces = Math.max(1, (family.equals("trees") ? rows / 5 : rows) / PIECE);
        InferBenchmark benchmark =
            new InferBenchmark(models, store, KeyDraw.uniform(models.keys()), pieces);
        text.append(benchmark.contest(family, rounds));
      }
    }
    return text.toString();
  }

  static MadeModels models(String family, int keys) {
    Trainer trainer =
        switch (family) {
          case "mlp" -> Trainers.parse("mlp:hidden=64-64,epochs=3");
          case "trees" -> Trainers.parse("xgboost:rounds=100,max_depth=6");
          case "linear" -> Trainers.parse("linear");
          default ->
              throw new IllegalArgumentException(
                  "no benchmark for '" + family + "'; valid are mlp, trees, linear");
        };
    return family.equals("linear")
        ? new MadeModels(trainer, keys, keys, 16)
        : new MadeModels(trainer, 1, 1, 6000);
  }

  private String contest(String family, int rounds) throws Exception {
    boolean fused = models.keys() > 1;
    String plain = fused ? "plain fused ONNX Runtime loop" : "plain ONNX Runtime loop";
    try (PlainLoop loop = fused ? FusedLoop.of(models) : new PinnedLoop(models.onnx(0, 0), 1)) {
      Contest contest =
          new Contest(
              "Inference alone, one thread: " + title(family, models.keys()),
              (long) pieces * PIECE,
              rounds);
      addPlain(contest, plain, loop);
      // What it adds is no prediction: only that the rows are as many is checked.
      addDoor(contest, Door.adding(), new Agreement(), PIECE);
      addDoor(contest, Door.byHand(loop, index), agreement, PIECE);
      addDoor(contest, Door.byHand(loop, index), agreement, SMALL_BUNDLE);
      addDoor(contest, Door.ofStore(store), agreement, PIECE);
      addDoor(contest, Door.ofStore(store), agreement, SMALL_BUNDLE);
      return fused ? contest.run() : withMatrix(contest);
    }
  }

  /** The doors for any model, and a loop over the same one. */
  private String withMatrix(Contest contest) throws Exception {
    byte[] matrix = MatrixModel.of(models.onnx(0, 0));
    try (PlainLoop loop = new PinnedLoop(matrix, MadeModels.FEATURES)) {
      addPlain(contest, "plain ONNX Runtime loop of the model with a matrix", loop);
      Door<Row> columns = Door.ofColumns(matrix);
      addDoor(contest, columns, agreement, PIECE);
      addDoor(contest, columns, agreement, SMALL_BUNDLE);
      Door<double[]> elements = Door.ofElements(matrix);
      addDoor(contest, elements, agreement, PIECE);
      addDoor(contest, elements, agreement, SMALL_BUNDLE);
      return contest.run();
    }
  }

  /** What is measured, for a title. */
  static String title(String family, int keys) {
    return switch (family) {
      case "mlp" -> "MLP 8-64-64-1";
      case "trees" -> "100 boosted trees of depth 6";
      default -> "%,d linear models of 8 features, keys at random".formatted(keys);
    };
  }

  private void addPlain(Contest contest, String plain, PlainLoop loop) {
    String columns = plain + " over columns";
    contest.add(
        columns,
        round ->
            seconds(
                columns,
                round,
                agreement,
                made -> {
                  long start = System.nanoTime();
                  double sum = loop.predict(made.keys(), made.columns(), 0, PIECE);
                  return new Timed(System.nanoTime() - start, sum);
                }));
    String reads = plain + " that reads Beam rows";
    contest.add(
        reads,
        round ->
            seconds(
                reads,
                round,
                agreement,
                made -> {
                  List<Row> rows = made.rows(Door.SCHEMA);
                  long start = System.nanoTime();
                  double sum = loop.predict(rows, index);
                  return new Timed(System.nanoTime() - start, sum);
                }));
  }

  private <T> void addDoor(Contest contest, Door<T> door, Agreement agreed, int bundle) {
    String name = door.name() + ", bundles of %,d".formatted(bundle);
    contest.add(name, round -> seconds(door, name, round, agreed, bundle));
  }

  private <T> double seconds(Door<T> door, String name, int round, Agreement agreed, int bundle)
      throws Exception {
    OutputSum out = door.out().get();
    try (Harness<T> harness = door.harness().apply(out)) {
      // Not on the clock, and long enough for every key to come: the models are loaded then.
      List<T> first = door.elements().apply(ScoringRows.make(PIECE, MadeModels.FEATURES, draw, -1));
      bundles(harness, first, bundle);
      out.take(PIECE);
      return seconds(
          name,
          round,
          agreed,
          made -> {
            List<T> elements = door.elements().apply(made);
            long start = System.nanoTime();
            bundles(harness, elements, bundle);
            long nanos = System.nanoTime() - start;
            return new Timed(nanos, out.take(PIECE));
          });
    }
  }

  private static <T> void bundles(Harness<T> harness, List<T> elements, int bundle) {
    for (int from = 0; from < elements.size(); from += bundle) {
      harness.bundle(elements.subList(from, Math.min(from + bundle, elements.size())));
    }
  }

  /** What a piece took, and what its predictions add up to. */
  private record Timed(long nanos, double sum) {}

  /** Makes the rows it needs of a piece, then does the work and times that alone. */
  private interface Work {
    Timed run(ScoringRows made) throws Exception;
  }

  private double seconds(String name, int round, Agreement agreed, Work work) throws Exception {
    long nanos = 0;
    double sum = 0;
    for (int piece = 0; piece < pieces; piece++) {
      Timed timed =
          work.run(
              ScoringRows.make(PIECE, MadeModels.FEATURES, draw, 1_000_003L * (round + 1) + piece));
      nanos += timed.nanos();
      sum += timed.sum();
    }
    agreed.check(name, round, sum);
    return nanos / 1e9;
  }
}
