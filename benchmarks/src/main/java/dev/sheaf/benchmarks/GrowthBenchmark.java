package dev.sheaf.benchmarks;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the time of training grows with the number of keys. */
final class GrowthBenchmark {
  private static final int ROWS_PER_KEY = 100;
  private static final int FEATURES = 8;
  private static final List<Integer> KEYS = List.of(1000, 3000, 10_000, 30_000);

  private GrowthBenchmark() {}

  /** {@code growth:most=30000,rounds=3}. */
  static String run(Request request) {
    int rounds = request.number("rounds", 3);
    int most = request.number("most", 30_000);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "### How training grows: linear models of %d rows and %d features, TrainPerKey on the"
                + " direct runner%n%nMedian of %d rounds; the first number is seconds, the second"
                + " seconds per 1,000 keys%n%n",
            ROWS_PER_KEY,
            FEATURES,
            rounds));
    text.append("| keys | by sums | per 1,000 | by rows | per 1,000 |\n|---|---|---|---|---|\n");
    TrainPerKey sums =
        TrainPerKey.on("K")
            .withLabel("Y")
            .withFeatures(new KeyedRows(1, ROWS_PER_KEY, FEATURES).featureNames())
            .withHoldout(Holdout.fraction(0.2));
    seconds(sums, 1000, 0);
    seconds(sums.gatheringRows(), 1000, 0);
    for (int keys : KEYS.stream().filter(keys -> keys <= most).toList()) {
      double bySums = median(sums, keys, rounds);
      double byRows = median(sums.gatheringRows(), keys, rounds);
      text.append(
          String.format(
              Locale.ROOT,
              "| %,d | %.2f | %.2f | %.2f | %.2f |%n",
              keys,
              bySums,
              bySums * 1000 / keys,
              byRows,
              byRows * 1000 / keys));
    }
    return text.append('\n').toString();
  }

  private static double median(TrainPerKey train, int keys, int rounds) {
    double[] seconds = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      System.gc(); // One run's garbage is not collected at another's expense.
      seconds[round] = seconds(train, keys, round + 1);
      System.err.printf(Locale.ROOT, "growth, %d keys: %.2f s%n", keys, seconds[round]);
    }
    Arrays.sort(seconds);
    return seconds[rounds / 2];
  }

  private static double seconds(TrainPerKey train, int keys, int round) {
    KeyedRows shape = new KeyedRows(keys, ROWS_PER_KEY, FEATURES);
    return Pipelines.seconds(
        keys, p -> p.apply(shape.collection(round)).apply(train).models().apply(Pipelines.sink()));
  }
}
