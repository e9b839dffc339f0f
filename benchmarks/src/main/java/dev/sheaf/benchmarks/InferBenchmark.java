package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.train.Trainer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.values.Row;

/**
 * The DoFn of inference alone, without a runner and on one thread, against plain ONNX Runtime loops
 * that do the same predictions.
 */
final class InferBenchmark {
  /** Long enough for every key to come: its model is loaded then, not on the clock. */
  private static final int FIRST_ROWS = 100_000;

  /** As Flink makes them. */
  private static final int SMALL_BUNDLE = 1000;

  private final MadeModels models;
  private final ModelStore store;
  private final KeyDraw draw;
  private final int rows;
  private final Agreement agreement = new Agreement();
  private final List<Harness<?>> open = new ArrayList<>();

  /** The number of each key. */
  private final Map<String, Integer> index = new HashMap<>();

  private InferBenchmark(MadeModels models, ModelStore store, KeyDraw draw, int rows) {
    this.models = models;
    this.store = store;
    this.draw = draw;
    this.rows = rows;
    for (int key = 0; key < models.keys(); key++) {
      index.put(Integer.toString(key), key);
    }
  }

  /**
   * {@code infer:rows=100000,rounds=40,keys=10000,only=mlp}: rows of a turn, rounds (a quarter of
   * them for trees), keys of the linear models, and one of mlp, trees and linear.
   */
  static String run(Request request, Path folder) throws Exception {
    int rows = request.number("rows", 100_000);
    int rounds = request.number("rounds", 40);
    int keys = request.number("keys", 10_000);
    String only = request.text("only", "");
    StringBuilder text = new StringBuilder();
    for (String family : List.of("mlp", "trees", "linear")) {
      if (only.isEmpty() || only.equals(family)) {
        MadeModels models = models(family, keys);
        ModelStore store = ModelStore.at(folder.resolve("infer-" + family).toString());
        models.publish(store, Instant.EPOCH, 0);
        InferBenchmark benchmark =
            new InferBenchmark(models, store, KeyDraw.uniform(models.keys()), rows);
        text.append(
            benchmark.contest(family, family.equals("trees") ? Math.max(1, rounds / 4) : rounds));
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
      ShortTurns turns =
          new ShortTurns(
              "Inference alone, one thread: " + title(family, models.keys()), rows, rounds);
      addPlain(turns, plain, loop);
      // What it adds is no prediction: only that the rows are as many is checked.
      addDoor(turns, Door.adding(), new Agreement(), rows);
      addDoor(turns, Door.byHand(loop, index), agreement, rows);
      addDoor(turns, Door.byHand(loop, index), agreement, SMALL_BUNDLE);
      addDoor(turns, Door.ofStore(store), agreement, rows);
      addDoor(turns, Door.ofStore(store), agreement, SMALL_BUNDLE);
      return fused ? turns.run() : withMatrix(turns);
    } finally {
      open.forEach(Harness::close);
    }
  }

  /** The doors for any model, and a loop over the same one. */
  private String withMatrix(ShortTurns turns) throws Exception {
    byte[] matrix = MatrixModel.of(models.onnx(0, 0));
    try (PlainLoop loop = new PinnedLoop(matrix, MadeModels.FEATURES)) {
      addPlain(turns, "plain ONNX Runtime loop of the model with a matrix", loop);
      Door<Row> columns = Door.ofColumns(matrix);
      addDoor(turns, columns, agreement, rows);
      addDoor(turns, columns, agreement, SMALL_BUNDLE);
      Door<double[]> elements = Door.ofElements(matrix);
      addDoor(turns, elements, agreement, rows);
      addDoor(turns, elements, agreement, SMALL_BUNDLE);
      return turns.run();
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

  private void addPlain(ShortTurns turns, String plain, PlainLoop loop) {
    String columns = plain + " over columns";
    turns.add(
        columns,
        round -> {
          ScoringRows made = made(round);
          long start = System.nanoTime();
          double sum = loop.predict(made.keys(), made.columns(), 0, rows);
          long nanos = System.nanoTime() - start;
          agreement.check(columns, round, sum);
          return nanos;
        });
    String reads = plain + " that reads Beam rows";
    turns.add(
        reads,
        round -> {
          List<Row> beamRows = made(round).rows(Door.SCHEMA);
          long start = System.nanoTime();
          double sum = loop.predict(beamRows, index);
          long nanos = System.nanoTime() - start;
          agreement.check(reads, round, sum);
          return nanos;
        });
  }

  private <T> void addDoor(ShortTurns turns, Door<T> door, Agreement agreed, int bundle) {
    String name = door.name() + ", bundles of %,d".formatted(bundle);
    OutputSum out = door.out().get();
    Harness<T> harness = door.harness().apply(out);
    open.add(harness);
    ScoringRows first = ScoringRows.make(FIRST_ROWS, MadeModels.FEATURES, draw, -1);
    bundles(harness, door.elements().apply(first), bundle);
    out.take(FIRST_ROWS);
    turns.add(
        name,
        round -> {
          List<T> elements = door.elements().apply(made(round));
          long start = System.nanoTime();
          bundles(harness, elements, bundle);
          long nanos = System.nanoTime() - start;
          agreed.check(name, round, out.take(rows));
          return nanos;
        });
  }

  private ScoringRows made(int round) {
    return ScoringRows.make(rows, MadeModels.FEATURES, draw, 1_000_003L * (round + 1));
  }

  private static <T> void bundles(Harness<T> harness, List<T> elements, int bundle) {
    for (int from = 0; from < elements.size(); from += bundle) {
      harness.bundle(elements.subList(from, Math.min(from + bundle, elements.size())));
    }
  }
}
