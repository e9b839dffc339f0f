package dev.sheaf.benchmarks;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Sees to it that all contenders predict the same: of each round's rows, the same sum. */
final class Agreement {
  /** Sums are added in different orders, and fused models add in another order, too. */
  private static final double TOLERANCE = 1e-9;

  private final Map<Integer, Double> sums = new HashMap<>();

  /** What a contender's predictions of a round's rows add up to. */
  void check(String contender, int round, double sum) {
    Double other = sums.putIfAbsent(round, sum);
    double expected = other == null ? sum : other;
    if (!(Math.abs(sum - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s, round %d: its predictions add up to %.17g, others' to %.17g",
              contender,
              round,
              sum,
              expected));
    }
  }
}
