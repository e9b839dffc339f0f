package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** What each family of models, and the choice among them per key, is worth on real sales. */
final class FamiliesBenchmark {
  private static final Map<String, String> FAMILIES = families();
  private static final List<String> NAIVE = List.of("mean", "last", "seasonal");
  private static final String BEST_OF = "best-of";

  private final String title;
  private final CsvTable table;
  private final double judged;
  private final int every;

  /** Key by key, what came of one family. */
  private record Results(Map<String, KeyReport> reports, double seconds) {
    double[] of(List<String> keys, String metric) {
      return keys.stream().mapToDouble(key -> value(report(key), metric)).toArray();
    }

    KeyReport report(String key) {
      KeyReport report = reports.get(key);
      if (report == null) {
        throw new IllegalStateException("no report of key " + key);
      }
      return report;
    }

    private static double value(KeyReport report, String metric) {
      Double value = report.metric(metric);
      if (value == null) {
        throw new IllegalStateException("there is no " + metric + " in " + report);
      }
      return value;
    }
  }

  private FamiliesBenchmark(String title, CsvTable table, double judged, int every) {
    this.title = title;
    this.table = table;
    this.judged = judged;
    this.every = every;
  }

  private static Map<String, String> families() {
    Map<String, String> families = new LinkedHashMap<>();
    families.put("linear", "linear");
    families.put("ridge", "linear:ridge=0.01");
    families.put("xgboost", "xgboost:rounds=100,max_depth=4,learning_rate=0.1,max_bin=64");
    families.put("lightgbm", "lightgbm:rounds=100,num_leaves=15,learning_rate=0.1,max_bin=63");
    families.put("mlp", "mlp");
    families.put("mean", "mean");
    families.put("last", "last");
    families.put("seasonal", "seasonal:period=7");
    return families;
  }

  /** {@code families:judged=0.1,every=1}: the part that is judged; every how many keys count. */
  static String run(Request request) throws Exception {
    double judged = Double.parseDouble(request.text("judged", "0.1"));
    int every = request.number("every", 1);
    return new FamiliesBenchmark(
                "Rossmann, daily sales of a store", Sales.rossmann(), judged, every)
            .run()
        + new FamiliesBenchmark(
                "Store item demand, daily sales of an item in a store",
                Sales.storeItem(),
                judged,
                every)
            .run();
  }

  private String run() throws Exception {
    Map<String, RowBlock> blocks = sample();
    Map<String, Results> results = new LinkedHashMap<>();
    for (Map.Entry<String, String> family : FAMILIES.entrySet()) {
      results.put(family.getKey(), train(family.getKey(), family.getValue(), blocks));
    }
    String candidates = String.join("|", FAMILIES.values());
    results.put(BEST_OF, train(BEST_OF, candidates, blocks));
    return text(blocks, results);
  }

  private Map<String, RowBlock> sample() throws IOException {
    Map<String, RowBlock> kept = new LinkedHashMap<>();
    int at = 0;
    for (Map.Entry<String, RowBlock> block : table.blocks().entrySet()) {
      if (at++ % every == 0) {
        kept.put(block.getKey(), block.getValue());
      }
    }
    return kept;
  }

  private Results train(String family, String text, Map<String, RowBlock> blocks) throws Exception {
    Trainer trainer = Trainers.parse(text);
    KeyTrainer keyTrainer =
        KeyTrainer.of(trainer, Holdout.last(table.date(), judged), table.schema());
    List<String> keys = List.copyOf(blocks.keySet());
    List<RowBlock> rows = List.copyOf(blocks.values());
    Map<String, KeyReport> reports = new ConcurrentHashMap<>();
    double seconds =
        Threads.seconds(
            Runtime.getRuntime().availableProcessors(),
            keys.size(),
            at -> {
              long start = System.nanoTime();
              String key = keys.get(at);
              KeyReport report = keyTrainer.train(key, List.of(rows.get(at))).report();
              reports.put(key, report);
              if (reports.size() % 250 == 0) {
                System.err.printf("%s, %s: %d keys%n", title, family, reports.size());
              }
              return (System.nanoTime() - start) / 1e9;
            });
    System.err.printf(Locale.ROOT, "%s, %s: %.1f s%n", title, family, seconds);
    return new Results(new TreeMap<>(reports), seconds);
  }

  private String text(Map<String, RowBlock> blocks, Map<String, Results> results) {
    List<String> keys =
        blocks.keySet().stream()
            .filter(
                key ->
                    results.values().stream()
                        .allMatch(found -> found.report(key).status() == TrainingStatus.TRAINED))
            .toList();
    StringBuilder text = new StringBuilder();
    text.append("### ").append(title).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "%,d keys, %,d rows, of each key the last %s by date judged; %,d keys with a model of"
                + " every family count%n%n",
            blocks.size(),
            blocks.values().stream().mapToLong(RowBlock::rows).sum(),
            judged,
            keys.size()));
    text.append(
        "| family | RMSE median | RMSE mean | WAPE median | WAPE mean | keys a naive baseline beats"
            + " | seconds |\n|---|---|---|---|---|---|---|\n");
    double[] naive = bestNaive(keys, results);
    results.forEach((family, found) -> text.append(row(family, keys, found, naive)));
    return text.append('\n').append(choices(keys, results)).append('\n').toString();
  }

  /** Per key the error of the naive family that did best on the judged rows themselves. */
  private static double[] bestNaive(List<String> keys, Map<String, Results> results) {
    double[] best = new double[keys.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (String family : NAIVE) {
      double[] errors = found(results, family).of(keys, "rmse");
      Arrays.setAll(best, i -> Math.min(best[i], errors[i]));
    }
    return best;
  }

  private static Results found(Map<String, Results> results, String family) {
    Results found = results.get(family);
    if (found == null) {
      throw new IllegalStateException("no family " + family);
    }
    return found;
  }

  private static String row(String family, List<String> keys, Results found, double[] naive) {
    double[] rmse = found.of(keys, "rmse");
    double[] wape = found.of(keys, "wape");
    int beaten = 0;
    for (int i = 0; i < rmse.length; i++) {
      beaten += rmse[i] > naive[i] ? 1 : 0;
    }
    return String.format(
        Locale.ROOT,
        "| %s | %.3f | %.3f | %.4f | %.4f | %.1f %% | %.1f |%n",
        family,
        median(rmse),
        Arrays.stream(rmse).average().orElse(Double.NaN),
        median(wape),
        Arrays.stream(wape).average().orElse(Double.NaN),
        100.0 * beaten / rmse.length,
        found.seconds());
  }

  /** How often a family was chosen, how often it was the best in truth, and what that was worth. */
  private static String choices(List<String> keys, Map<String, Results> results) {
    Map<String, Integer> chosen = new LinkedHashMap<>();
    Map<String, Integer> best = new LinkedHashMap<>();
    Map<String, String> names = new TreeMap<>();
    FAMILIES.forEach((family, text) -> names.put(Trainers.parse(text).toString(), family));
    double[] hindsight = new double[keys.size()];
    for (int i = 0; i < hindsight.length; i++) {
      String key = keys.get(i);
      Function<String, Double> error =
          family -> Results.value(found(results, family).report(key), "rmse");
      String winner = FAMILIES.keySet().stream().min(Comparator.comparing(error)).orElseThrow();
      best.merge(winner, 1, Integer::sum);
      hindsight[i] = error.apply(winner);
      Map<String, Double> scores = found(results, BEST_OF).report(key).scores();
      String text =
          scores.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
      chosen.merge(names.getOrDefault(text, text), 1, Integer::sum);
    }
    List<String> parts = new ArrayList<>();
    for (String family : FAMILIES.keySet()) {
      parts.add(
          "%s %d (%d)"
              .formatted(family, chosen.getOrDefault(family, 0), best.getOrDefault(family, 0)));
    }
    return String.format(
        Locale.ROOT,
        "Chosen by best-of, in brackets how often best on the judged rows in hindsight: %s. A"
            + " choice in hindsight would have a median RMSE of %.3f.%n",
        String.join(", ", parts),
        median(hindsight));
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
