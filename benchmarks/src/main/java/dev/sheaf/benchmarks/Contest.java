package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs contenders in turn, round after round, and compares their medians with the first one's.
 *
 * <p>A round runs each contender once on the round's own data, beginning with another one each
 * time; the first round warms up and does not count, unless told otherwise.
 */
final class Contest {
  private final String title;
  private final String unit;
  private final long items;
  private final int rounds;
  private int warmUpRounds = 1;
  private final Map<String, Integer> cores = new LinkedHashMap<>();
  private final Map<String, Double> medians = new LinkedHashMap<>();
  private final Map<String, Contender> contenders = new LinkedHashMap<>();

  /** One way to do the work. */
  interface Contender {
    /**
     * Does all of it.
     *
     * @param round from 0; a seed for fresh data
     * @return seconds of the work alone, without making the data
     */
    double run(int round) throws Exception;
  }

  /**
   * @param rows rows that each contender works through in a round
   * @param rounds rounds that count
   */
  Contest(String title, long rows, int rounds) {
    this(title, "rows", rows, rounds);
  }

  private Contest(String title, String unit, long items, int rounds) {
    this.title = title;
    this.unit = unit;
    this.items = items;
    this.rounds = rounds;
  }

  /** A contest whose work is counted in models. */
  static Contest ofModels(String title, long models, int rounds) {
    return new Contest(title, "models", models, rounds);
  }

  /** Counts the first round too: for contenders that work for minutes. */
  Contest withoutWarmUp() {
    warmUpRounds = 0;
    return this;
  }

  /** Adds a contender; the first one is the baseline. */
  Contest add(String name, Contender contender) {
    contenders.put(name, contender);
    return this;
  }

  /** Adds a contender that keeps so many cores busy; the table then tells the rate per core. */
  Contest add(String name, int onCores, Contender contender) {
    cores.put(name, onCores);
    return add(name, contender);
  }

  /** The median seconds of a contender, once all rounds have run. */
  double median(String name) {
    Double median = medians.get(name);
    if (median == null) {
      throw new IllegalStateException("no contender named " + name + " has run");
    }
    return median;
  }

  /** Runs all rounds and gives a Markdown table. */
  String run() throws Exception {
    Map<String, double[]> seconds = new LinkedHashMap<>();
    contenders.keySet().forEach(name -> seconds.put(name, new double[rounds]));
    List<String> names = new ArrayList<>(contenders.keySet());
    for (int round = 0; round < warmUpRounds + rounds; round++) {
      for (int i = 0; i < names.size(); i++) {
        String name = names.get((i + round) % names.size());
        double took = run(name, round);
        System.err.printf(Locale.ROOT, "%s, round %d, %s: %.3f s%n", title, round, name, took);
        double[] counted = seconds.get(name);
        if (round >= warmUpRounds && counted != null) {
          counted[round - warmUpRounds] = took;
        }
      }
    }
    return table(seconds);
  }

  private double run(String name, int round) throws Exception {
    Contender contender = contenders.get(name);
    if (contender == null) {
      throw new IllegalStateException("no contender named " + name);
    }
    System.gc(); // One contender's garbage is not collected at another's expense.
    return contender.run(round);
  }

  private String table(Map<String, double[]> seconds) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "### %s%n%n%,d %s, median of %d rounds%n%n", title, items, unit, rounds));
    String perCore = cores.isEmpty() ? "" : " " + unit + "/s per core |";
    text.append("| | seconds (least to most) | " + unit + "/s |" + perCore);
    text.append(" of the baseline |\n|---|---|---|---|" + (cores.isEmpty() ? "" : "---|") + "\n");
    double baseline = Double.NaN;
    for (Map.Entry<String, double[]> entry : seconds.entrySet()) {
      double[] sorted = entry.getValue().clone();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      medians.put(entry.getKey(), median);
      if (Double.isNaN(baseline)) {
        baseline = median;
      }
      int on = cores.getOrDefault(entry.getKey(), 1);
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.2f (%.2f to %.2f) | %,.0f |%s %.2f |%n",
              entry.getKey(),
              median,
              sorted[0],
              sorted[sorted.length - 1],
              items / median,
              cores.isEmpty() ? "" : String.format(Locale.ROOT, " %,.1f |", items / median / on),
              baseline / median));
    }
    return text.append('\n').toString();
  }
}
