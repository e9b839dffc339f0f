package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lets contenders take many short turns and compares each turn with the first contender's of the
 * same round, so that a machine whose speed changes from minute to minute changes no ratio.
 *
 * <p>Each round gives every contender one turn on the round's own data, beginning with another one
 * each time; the first rounds warm up and do not count.
 */
final class ShortTurns {
  private static final int FEWEST_WARM_UP_ROUNDS = 5;

  private final String title;
  private final int rows;
  private final int rounds;
  private final Map<String, Contender> contenders = new LinkedHashMap<>();

  /** One way to do the work of a turn. */
  interface Contender {
    /**
     * Does it.
     *
     * @param round from 0; a seed for fresh data
     * @return nanoseconds of the work alone, without making the data
     */
    long run(int round) throws Exception;
  }

  /**
   * @param rows rows of a turn
   * @param rounds rounds that count
   */
  ShortTurns(String title, int rows, int rounds) {
    this.title = title;
    this.rows = rows;
    this.rounds = rounds;
  }

  /** Adds a contender; the first one is the baseline. */
  void add(String name, Contender contender) {
    contenders.put(name, contender);
  }

  /** Runs all rounds and gives a Markdown table. */
  String run() throws Exception {
    int warmUp = Math.max(FEWEST_WARM_UP_ROUNDS, rounds / 4);
    List<String> names = new ArrayList<>(contenders.keySet());
    double[][] nanos = new double[names.size()][rounds];
    for (int round = 0; round < warmUp + rounds; round++) {
      for (int turn = 0; turn < names.size(); turn++) {
        int next = (turn + round) % names.size();
        Contender contender = contenders.get(names.get(next));
        if (contender == null) {
          throw new IllegalStateException("no contender named " + names.get(next));
        }
        double took = (double) contender.run(round) / rows;
        if (round >= warmUp) {
          nanos[next][round - warmUp] = took;
        }
      }
      System.err.printf(Locale.ROOT, "%s, round %d of %d%n", title, round + 1, warmUp + rounds);
    }
    return table(names, nanos);
  }

  private String table(List<String> names, double[][] nanos) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "### %s%n%n%d turns of %,d rows, medians (and quartiles)%n%n",
            title,
            rounds,
            rows));
    text.append("| | ns a row | rows/s | of the baseline in the same round |\n|---|---|---|---|\n");
    for (int i = 0; i < names.size(); i++) {
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ratios[round] = nanos[0][round] / nanos[i][round];
      }
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.0f (%.0f to %.0f) | %,.0f | %.2f (%.2f to %.2f) |%n",
              names.get(i),
              quantile(nanos[i], 0.5),
              quantile(nanos[i], 0.25),
              quantile(nanos[i], 0.75),
              1e9 / quantile(nanos[i], 0.5),
              quantile(ratios, 0.5),
              quantile(ratios, 0.25),
              quantile(ratios, 0.75)));
    }
    return text.append('\n').toString();
  }

  private static double quantile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (part * sorted.length)];
  }
}
