package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.SummingTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingStatus;
import dev.sheaf.transforms.training.TrainPerKey;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Training one model per key: the libraries' bare calls, the same work as a pipeline's in a plain
 * loop, and the pipeline.
 */
final class TrainBenchmark {
  private static final int ROWS_PER_KEY = 1000;
  private static final int FEATURES = 8;
  private static final double HELD_OUT = 0.2;

  private static final String BARE = "plain loop, 1 thread: the library's fit alone";
  private static final String LOOP = "plain loop, %d thread%s: fit, judge, export, parity check";
  private static final String MAKE = "pipeline that makes the rows and drops them";

  private final String family;
  private final KeyedRows shape;
  private final Trainer trainer;
  private final BareTraining bare;

  /** How rows reach the trainer. */
  private enum Way {
    USUAL,
    ROWS
  }

  private TrainBenchmark(String family, int keys) {
    this.family = family;
    this.shape = new KeyedRows(keys, ROWS_PER_KEY, FEATURES);
    this.trainer =
        switch (family) {
          case "linear" -> Trainers.parse("linear");
          case "xgboost" -> Trainers.parse("xgboost:rounds=100,max_depth=6");
          case "lightgbm" -> Trainers.parse("lightgbm:rounds=100");
          default ->
              throw new IllegalArgumentException(
                  "no benchmark for '" + family + "'; valid are linear, xgboost, lightgbm");
        };
    this.bare =
        switch (family) {
          case "xgboost" -> BareTraining.xgboost(100, 6);
          case "lightgbm" -> BareTraining.lightgbm(100);
          default -> BareTraining.of(trainer, shape);
        };
  }

  /**
   * {@code train:linear=10000,xgboost=1000,lightgbm=1000,rounds=3}; 0 keys leave a family out.
   * {@code long=1} runs the loop on all cores and the pipeline alone, once each, for numbers of
   * keys that take minutes.
   */
  static String run(Request request) throws Exception {
    int rounds = request.number("rounds", 3);
    int boosterKeys = request.number("boosters", 500);
    boolean once = request.number("long", 0) > 0;
    StringBuilder text = new StringBuilder();
    for (String family : List.of("linear", "xgboost", "lightgbm")) {
      int keys = request.number(family, family.equals("linear") ? 10_000 : boosterKeys);
      if (keys > 0) {
        TrainBenchmark benchmark = new TrainBenchmark(family, keys);
        text.append(once ? benchmark.longContest() : benchmark.contest(rounds));
      }
    }
    return text.toString();
  }

  /** One run of the pipeline in this process: {@code train-once:family=linear,keys=10000}. */
  static String once(Request request) {
    TrainBenchmark benchmark =
        new TrainBenchmark(request.text("family", "linear"), request.number("keys", 1000));
    double seconds = benchmark.trainPerKey(0, Way.valueOf(request.text("way", "USUAL")));
    return "%.2f s, %d MiB".formatted(seconds, Memory.peakMebibytes());
  }

  private String contest(int rounds) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    String all = LOOP.formatted(cores, cores == 1 ? "" : "s");
    boolean sums = trainer instanceof SummingTrainer;
    String pipeline = "pipeline: TrainPerKey" + (sums ? ", by sums" : "");
    Contest contest =
        Contest.ofModels(title(), shape.keys(), rounds)
            .add(all, cores, round -> loop(round, cores));
    if (cores > 1) {
      contest.add(LOOP.formatted(1, ""), 1, round -> loop(round, 1));
    }
    contest
        .add(BARE, 1, this::bareLoop)
        .add(MAKE, cores, this::generateOnly)
        .add(pipeline, cores, round -> trainPerKey(round, Way.USUAL));
    String byRows = "pipeline: TrainPerKey, by rows";
    if (sums) {
      contest.add(byRows, cores, round -> trainPerKey(round, Way.ROWS));
    }
    StringBuilder text = new StringBuilder(contest.run());
    text.append(verdict(contest, pipeline, all, Way.USUAL));
    if (sums) {
      text.append(verdict(contest, byRows, all, Way.ROWS));
    }
    return text.append('\n').toString();
  }

  private String longContest() throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    return Contest.ofModels(title(), shape.keys(), 1)
        .withoutWarmUp()
        .add(LOOP.formatted(cores, cores == 1 ? "" : "s"), cores, round -> loop(round, cores))
        .add("pipeline: TrainPerKey", cores, round -> trainPerKey(round, Way.USUAL))
        .run();
  }

  private String title() {
    return "Training %,d %s models of %,d rows and %d features"
        .formatted(shape.keys(), trainer, ROWS_PER_KEY, FEATURES);
  }

  private String verdict(Contest contest, String pipeline, String loop, Way way)
      throws IOException, InterruptedException {
    double baseline = contest.median(loop);
    double whole = contest.median(pipeline);
    double withoutRows = Math.max(whole - contest.median(MAKE), 1e-9);
    System.err.println("memory of " + pipeline + ", in a process of its own");
    String memory =
        OwnProcess.with()
            .run("train-once:family=%s,keys=%d,way=%s".formatted(family, shape.keys(), way));
    return String.format(
        Locale.ROOT,
        "- %s: %.2f of the plain loop on as many cores; %.2f without the making of the rows. Peak"
            + " resident memory of a process that does only this: %s.%n",
        pipeline,
        baseline / whole,
        baseline / withoutRows,
        memory.strip());
  }

  private double bareLoop(int round) throws Exception {
    double[] sum = new double[1];
    double seconds =
        Threads.seconds(
            1,
            shape.keys(),
            key -> {
              RowBlock rows = shape.block(key, round);
              long start = System.nanoTime();
              sum[0] += bare.fit(rows);
              return seconds(start);
            });
    if (Double.isNaN(sum[0])) {
      throw new IllegalStateException("the loop gave no number");
    }
    return seconds;
  }

  private double loop(int round, int threads) throws Exception {
    KeyTrainer keyTrainer = KeyTrainer.of(trainer, Holdout.fraction(HELD_OUT), shape.tableSchema());
    return Threads.seconds(
        threads,
        shape.keys(),
        key -> {
          List<RowBlock> rows = List.of(shape.block(key, round));
          long start = System.nanoTime();
          KeyOutcome outcome = keyTrainer.train(Integer.toString(key), rows);
          double seconds = seconds(start);
          if (outcome.report().status() != TrainingStatus.TRAINED) {
            throw new IllegalStateException(outcome.report().toString());
          }
          return seconds;
        });
  }

  private double generateOnly(int round) {
    return Pipelines.seconds(
        shape.rows(), p -> p.apply(shape.collection(round)).apply(Pipelines.sink()));
  }

  private double trainPerKey(int round, Way way) {
    TrainPerKey usual =
        TrainPerKey.on("K")
            .withLabel("Y")
            .withFeatures(shape.featureNames())
            .withTrainer(trainer)
            .withHoldout(Holdout.fraction(HELD_OUT));
    TrainPerKey train = way == Way.ROWS ? usual.gatheringRows() : usual;
    return Pipelines.seconds(
        shape.keys(),
        p -> p.apply(shape.collection(round)).apply(train).models().apply(Pipelines.sink()));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
