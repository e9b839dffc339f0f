package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingTable;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The same work as {@code benchmarks/python/train.py}: Rossmann's stores in memory, one thread. */
final class StoresBenchmark {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of("DayOfWeek", "Promo", "SchoolHoliday", "CompetitionDistance").stream()
              .map(name -> new Feature(name, FeatureType.FLOAT))
              .toList(),
          "Sales");
  private static final List<String> TRAINERS =
      List.of("linear", "lightgbm:rounds=100", "xgboost:rounds=100,max_depth=6");

  private StoresBenchmark() {}

  /** {@code rossmann-train:every=1,rounds=3}: every how many stores, how often all. */
  static String run(Request request) throws Exception {
    int every = request.number("every", 1);
    int rounds = request.number("rounds", 3);
    List<RowBlock> all =
        List.copyOf(
            new CsvTable(
                    RealData.file("sales/rossmann_open_days.csv.gz"),
                    List.of("Store"),
                    SCHEMA,
                    "Date")
                .blocks()
                .values());
    List<RowBlock> stores =
        IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get).toList();
    long rows = stores.stream().mapToLong(RowBlock::rows).sum();
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "### Rossmann's stores, one thread: %,d models, %,d rows, 4 features; best of %d"
                    + " rounds after one to warm up%n%n| models/s | fit | fit, predict all rows"
                    + " | fit, judge, export, parity check |%n|---|---|---|---|%n",
                stores.size(),
                rows,
                rounds));
    for (String name : TRAINERS) {
      Trainer trainer = Trainers.parse(name);
      KeyTrainer keyTrainer = KeyTrainer.of(trainer, Holdout.none(), SCHEMA);
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %,.0f | %,.0f | %,.0f |%n",
              name,
              best(name + ", fit", stores, rounds, store -> fit(trainer, store)),
              best(name + ", predict", stores, rounds, store -> fitAndPredict(trainer, store)),
              best(
                  name + ", all",
                  stores,
                  rounds,
                  store -> keyTrainer.train("store", List.of(store)).report().rows())));
    }
    return text.append('\n').toString();
  }

  /** What is done with one store. */
  private interface Work {
    double run(RowBlock store) throws Exception;
  }

  private static double fit(Trainer trainer, RowBlock store) throws Exception {
    try (FittedModel model = trainer.fit(new TrainingTable(SCHEMA, store))) {
      return model.notes().size();
    }
  }

  private static double fitAndPredict(Trainer trainer, RowBlock store) throws Exception {
    try (FittedModel model = trainer.fit(new TrainingTable(SCHEMA, store))) {
      return model.predict(store)[0];
    }
  }

  private static double best(String name, List<RowBlock> stores, int rounds, Work work)
      throws Exception {
    double best = 0;
    for (int round = 0; round <= rounds; round++) {
      double sum = 0;
      long start = System.nanoTime();
      for (RowBlock store : stores) {
        sum += work.run(store);
      }
      double rate = stores.size() / ((System.nanoTime() - start) / 1e9);
      System.err.printf(Locale.ROOT, "%s, round %d: %.1f models/s%n", name, round, rate);
      if (Double.isNaN(sum)) {
        throw new IllegalStateException("a prediction is not a number");
      }
      best = round == 0 ? 0 : Math.max(best, rate);
    }
    return best;
  }
}
