package dev.sheaf.models.train.boosting;

import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trains a booster round by round, to the last or until it gets no better.
 *
 * <p>With early stopping the curve has every round, otherwise the first, the last and some in
 * between: a measurement can cost a tenth of a round on small tables.
 */
final class Rounds {
  /** Points of a curve that only informs, beside the first and the last. */
  private static final int POINTS = 10;

  private final NativeBooster booster;
  private final int rounds;
  private final int patience;
  private final List<CurvePoint> curve = new ArrayList<>();
  private String metric = "";
  private int bestRound;
  private int bestIterations;
  private double best = Double.NaN;

  /**
   * A run of so many rounds.
   *
   * @param patience how many rounds in a row may be no better on the evaluation rows; 0 if there
   *     are none
   */
  Rounds(NativeBooster booster, int rounds, int patience) {
    this.booster = booster;
    this.rounds = rounds;
    this.patience = patience;
  }

  void run() throws TrainingException {
    for (int round = 1; round <= rounds; round++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new TrainingException(
            "interrupted after " + (round - 1) + " of " + rounds + " rounds", null);
      }
      booster.update(round);
      if (patience > 0 || isMeasured(round)) {
        record("train", NativeBooster.Part.TRAIN, round);
      }
      if (patience > 0 && !improves(round) && round - bestRound >= patience) {
        return;
      }
    }
  }

  private boolean isMeasured(int round) {
    return round == 1 || round == rounds || round % Math.max(1, rounds / POINTS) == 0;
  }

  private Map<String, Double> record(String dataset, NativeBooster.Part part, int round)
      throws TrainingException {
    Map<String, Double> values = booster.evaluate(part, round);
    values.forEach((name, value) -> curve.add(new CurvePoint(dataset, name, round, value)));
    return values;
  }

  /** The first metric decides. */
  private boolean improves(int round) throws TrainingException {
    Map<String, Double> values = record("evaluation", NativeBooster.Part.EVALUATION, round);
    if (values.isEmpty()) {
      throw new TrainingException("early stopping needs a metric, and there is none", null);
    }
    Map.Entry<String, Double> first = values.entrySet().iterator().next();
    metric = first.getKey();
    double value = first.getValue();
    boolean improves =
        bestRound == 0
            || Double.isNaN(best)
            || (booster.rises(metric) ? value > best : value < best);
    if (improves) {
      best = value;
      bestRound = round;
      bestIterations = booster.iterations();
    }
    return improves;
  }

  List<CurvePoint> curve() {
    return curve;
  }

  /** How many rounds count; 0 is all. */
  int iterations() {
    return bestIterations;
  }

  String note(int evaluationRows) {
    return "the best of %d rounds by %s on %d rows is %d"
        .formatted(ranRounds(), metric, evaluationRows, bestRound);
  }

  private int ranRounds() {
    return curve.isEmpty() ? 0 : curve.get(curve.size() - 1).iteration();
  }
}
