package dev.sheaf.benchmarks;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.List;

/** Training linear models per key, against the same arithmetic in a loop over arrays. */
final class TrainBenchmark {
  private static final KeyedRows SHAPE = new KeyedRows(1000, 1000, 8);

  private TrainBenchmark() {}

  static String run(int rounds) throws Exception {
    return new Contest(
            "Training: 1,000 linear models of 1,000 rows and 8 features", SHAPE.rows(), rounds)
        .add("plain loop over arrays: fit", TrainBenchmark::fitLoop)
        .add("plain loop: fit, judge, export, parity check", TrainBenchmark::keyTrainerLoop)
        .add("pipeline that makes the rows and drops them", TrainBenchmark::generateOnly)
        .add("pipeline: the same rows through TrainPerKey", TrainBenchmark::trainPerKey)
        .run();
  }

  private static double fitLoop(int round) throws TrainingException {
    List<RowBlock> blocks = SHAPE.blocks(round);
    Trainer trainer = Linear.regression();
    double sum = 0;
    long start = System.nanoTime();
    for (RowBlock block : blocks) {
      try (FittedModel model = trainer.fit(new TrainingTable(SHAPE.tableSchema(), block))) {
        sum += model.notes().size();
      }
    }
    return seconds(start, sum);
  }

  private static double keyTrainerLoop(int round) {
    List<RowBlock> blocks = SHAPE.blocks(round);
    KeyTrainer trainer =
        KeyTrainer.of(Linear.regression(), Holdout.fraction(0.2), SHAPE.tableSchema());
    double sum = 0;
    long start = System.nanoTime();
    for (int key = 0; key < blocks.size(); key++) {
      sum += trainer.train(Integer.toString(key), List.of(blocks.get(key))).report().rows();
    }
    return seconds(start, sum);
  }

  private static double generateOnly(int round) {
    return Pipelines.seconds(
        SHAPE.rows(), p -> p.apply(SHAPE.collection(round)).apply(Pipelines.sink()));
  }

  private static double trainPerKey(int round) {
    TrainPerKey train =
        TrainPerKey.on("K")
            .withLabel("Y")
            .withFeatures(SHAPE.featureNames())
            .withHoldout(Holdout.fraction(0.2));
    return Pipelines.seconds(
        SHAPE.keys(),
        p -> p.apply(SHAPE.collection(round)).apply(train).models().apply(Pipelines.sink()));
  }

  /** The sum is used, so that the loop cannot be left out. */
  private static double seconds(long start, double sum) {
    double took = (System.nanoTime() - start) / 1e9;
    if (Double.isNaN(sum)) {
      throw new IllegalStateException("the loop gave no number");
    }
    return took;
  }
}
