package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Comparison;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.training.TrainPerKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.Row;

/** Many short and sparse series: every key accounted for, and what keys without a sale fall to. */
final class WideBenchmark {
  private static final List<String> GROUPS = List.of("DEPT", "STATE");

  private final Path file;
  private final WideSales.Keys keys;
  private final String trainer;
  private final ModelStore store;

  private WideBenchmark(Path file, WideSales.Keys keys, String trainer, ModelStore store) {
    this.file = file;
    this.keys = keys;
    this.trainer = trainer;
    this.store = store;
  }

  /**
   * {@code m5}, with each trainer in a process of its own; {@code m5:trainer=linear} runs one in
   * this process.
   */
  static String run(Request request, Path folder) throws IOException, InterruptedException {
    Path file = RealData.file("sales/m5_last28days.csv.gz");
    String one = request.text("trainer", "");
    if (one.isEmpty()) {
      StringBuilder text = new StringBuilder();
      for (String trainer : List.of("linear", "lightgbm")) {
        System.err.println("m5: " + trainer);
        String whole = OwnProcess.with().run("m5:trainer=" + trainer);
        text.append(whole.substring(whole.indexOf("###")));
      }
      return text.toString();
    }
    String trainer =
        switch (one) {
          case "linear" -> "linear:ridge=0.1";
          case "lightgbm" -> "lightgbm:rounds=30,num_leaves=7,min_data_in_leaf=5";
          default ->
              throw new IllegalArgumentException(
                  "no trainer '" + one + "' for m5; valid are linear, lightgbm");
        };
    ModelStore store = ModelStore.at(folder.resolve("m5-" + one).toString());
    return new WideBenchmark(file, WideSales.Keys.of(file), trainer, store).run();
  }

  private String run() throws IOException {
    long start = System.nanoTime();
    SortedMap<String, Long> ledger = train();
    double trainSeconds = (System.nanoTime() - start) / 1e9;
    long trainedPeak = Memory.peakMebibytes();
    System.err.printf(Locale.ROOT, "m5, %s: trained in %.1f s%n", trainer, trainSeconds);
    start = System.nanoTime();
    SortedMap<String, Long> scored = score();
    double scoreSeconds = (System.nanoTime() - start) / 1e9;
    long ofKeys =
        ledger.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("KEY "))
            .mapToLong(Map.Entry::getValue)
            .sum();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "### M5, the last 28 days, %s%n%n%,d keys, of which %,d have no sale in the first 21"
                + " days; %,d ledger rows of keys: %s. Trained and published in %.1f s, peak"
                + " resident memory of the process %,d MiB. The last 7 days scored in %.1f s.%n%n",
            trainer,
            keys.all().size(),
            keys.withoutSale().size(),
            ofKeys,
            ofKeys == keys.all().size() ? "all accounted for" : "NOT ALL ACCOUNTED FOR",
            trainSeconds,
            trainedPeak,
            scoreSeconds));
    text.append("| ledger: scope, status, reason | rows |\n|---|---|\n");
    ledger.forEach(
        (what, count) -> text.append(String.format(Locale.ROOT, "| %s | %,d |%n", what, count)));
    text.append("\n| scored by, keys | rows | WAPE |\n|---|---|---|\n");
    Set<String> levels = new TreeSet<>();
    scored.keySet().forEach(name -> levels.add(name.substring(0, name.indexOf(':'))));
    for (String level : levels) {
      long rows = scored.getOrDefault(level + ":rows", 0L);
      double error = scored.getOrDefault(level + ":error", 0L);
      double actual = scored.getOrDefault(level + ":actual", 0L);
      text.append(String.format(Locale.ROOT, "| %s | %,d | %.3f |%n", level, rows, error / actual));
    }
    return text.append('\n').toString();
  }

  private SortedMap<String, Long> train() {
    TrainPerKey train =
        TrainPerKey.on("KEY")
            .withLabel("SALES")
            .withFeatures("DAY:day_of_week", "EVENT", "SNAP", "PRICE")
            .withWeight("WEIGHT")
            .withTrainer(Trainers.parse(trainer))
            .withGroupModels(GROUPS.toArray(String[]::new))
            .withGlobalModel()
            .withHoldout(
                Holdout.where(
                    "DAY", Comparison.GREATER_OR_EQUAL, WideSales.FIRST_JUDGED.toString()));
    PipelineResult result =
        Pipelines.run(
            p -> {
              TrainPerKey.Result trained =
                  p.apply(WideSales.rows(file, WideSales.Part.ALL)).apply(train);
              trained.ledger().apply(ParDo.of(new CountLedger()));
              trained.models().apply(PublishModels.to(store).promoteIf(Gate.always()));
            });
    return Pipelines.counters(result, CountLedger.class);
  }

  private SortedMap<String, Long> score() {
    RunInference score = RunInference.with(store.champion()).keyedBy("KEY").fallingBackTo(GROUPS);
    Set<String> withoutSale = Set.copyOf(keys.withoutSale());
    PipelineResult result =
        Pipelines.run(
            p ->
                p.apply(WideSales.rows(file, WideSales.Part.JUDGED))
                    .apply(score)
                    .apply(ParDo.of(new CountScored(withoutSale))));
    return new TreeMap<>(Pipelines.counters(result, CountScored.class));
  }

  private static final class CountLedger extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;
    private static final int REASON_CHARACTERS = 120;

    @ProcessElement
    public void process(@Element Row row) {
      String status = Objects.requireNonNull(row.getString("STATUS"));
      String reason = status.equals("TRAINED") ? "" : row.getString("REASON");
      String name = row.getString("SCOPE") + " " + status + " " + reason;
      Metrics.counter(
              CountLedger.class, name.substring(0, Math.min(name.length(), REASON_CHARACTERS)))
          .inc();
    }
  }

  private static final class CountScored extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;
    private static final int SCALE = 1000;
    private final Set<String> withoutSale;

    CountScored(Set<String> withoutSale) {
      this.withoutSale = withoutSale;
    }

    @ProcessElement
    public void process(@Element Row row) {
      String key = Objects.requireNonNull(row.getString("KEY"));
      String model = Objects.requireNonNull(row.getString("FALLBACK_LEVEL"));
      Double prediction = row.getDouble("PREDICTION");
      double sales = Objects.requireNonNull(row.getDouble("SALES"));
      double error = prediction == null ? 0 : Math.abs(prediction - sales);
      String name =
          model + " model, " + (withoutSale.contains(key) ? "no sale before" : "sold before");
      Metrics.counter(CountScored.class, name + ":rows").inc();
      Metrics.counter(CountScored.class, name + ":error").inc(Math.round(error * SCALE));
      Metrics.counter(CountScored.class, name + ":actual").inc(Math.round(sales * SCALE));
    }
  }
}
