package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.Score;
import dev.sheaf.pipelines.ScoreOptions;
import dev.sheaf.pipelines.Train;
import dev.sheaf.pipelines.TrainOptions;
import dev.sheaf.pipelines.TrainingOptions;
import dev.sheaf.pipelines.WarehouseOptions;
import dev.sheaf.pipelines.cli.Failure;
import dev.sheaf.pipelines.report.KeySummary;
import dev.sheaf.pipelines.report.RunSummary;
import dev.sheaf.pipelines.report.ScoreText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;

/** Runs the whole way of the data on this machine. */
final class Demo {
  private final Request request;
  private final Progress progress;

  /** What was asked for on the command line. */
  record Request(
      @Nullable Path data,
      String key,
      String label,
      List<String> features,
      String trainer,
      String holdout,
      @Nullable Path score,
      Path out,
      Engine.Kind runner) {}

  /**
   * What came of it: the summary, what scoring came to, some predictions, and the names that tell
   * where things are.
   */
  record Outcome(
      RunSummary summary,
      String scoring,
      List<List<String>> predictions,
      String table,
      String modelVersion) {}

  Demo(Request request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  Outcome run() throws DemoException {
    check(request);
    try (Workspace workspace = Workspace.in(request.out());
        Engine engine = Engine.start(request.runner(), workspace.scratch("flink"), progress)) {
      Outcome outcome = run(workspace, engine);
      workspace.keep(outcome.summary());
      return outcome;
    } catch (RuntimeException e) {
      throw new DemoException(Failure.whileRunning(e), e);
    }
  }

  private static void check(Request request) throws DemoException {
    try {
      Train.check(request.trainer(), request.holdout());
    } catch (IllegalArgumentException e) {
      throw new DemoException(Failure.whileBuilding(e), e);
    }
    checkReadable("--data", request.data());
    checkReadable("--score", request.score());
  }

  private static void checkReadable(String option, @Nullable Path file) throws DemoException {
    if (file != null && !Files.isRegularFile(file)) {
      throw DemoException.wrongOption(option + ": there is no file " + file);
    }
    if (file != null && !Files.isReadable(file)) {
      throw DemoException.wrongOption(option + ": the file " + file + " cannot be read");
    }
  }

  private Outcome run(Workspace workspace, Engine engine) throws DemoException {
    LocalWarehouse warehouse = workspace.warehouse();
    progress.begin("load", "starting the warehouse on port " + warehouse.port());
    String table = load(workspace);
    Path toScore = request.score();
    String scoreTable = table;
    if (toScore != null) {
      scoreTable = table + "_TO_SCORE";
      warehouse.load(toScore, scoreTable, progress);
    }
    progress.end(String.format(Locale.ROOT, "%,d rows in %s", warehouse.count(table), table));

    TrainOptions train = trainOptions(workspace, engine, table);
    RunningPipeline training = startTraining(train, table);
    checkScorable(warehouse, scoreTable, train);
    awaitTraining(training, train, warehouse.countKeys(table, request.key()));
    ScoreOptions score = scoreOptions(workspace, engine, scoreTable);
    score.setModelVersion(train.getModelVersion());
    String scoring = score(score, warehouse, scoreTable);
    workspace.exportPredictions();

    String version = String.valueOf(train.getModelVersion());
    List<KeySummary> keys = warehouse.keys(version);
    long trained = keys.stream().filter(key -> key.modelVersion() != null).count();
    RunSummary summary =
        new RunSummary(
            warehouse.count(table),
            keys.size(),
            trained,
            keys.size() - trained,
            warehouse.count(LocalWarehouse.PREDICTIONS),
            warehouse.countIfPresent(LocalWarehouse.BAD_RECORDS),
            progress.seconds(),
            keys,
            warehouse.fallback(version));
    return new Outcome(summary, scoring, warehouse.samplePredictions(), table, version);
  }

  private String load(Workspace workspace) throws DemoException {
    Path data = request.data();
    if (data == null) {
      Path generated = workspace.scratch("sales.csv");
      GeneratedSales.writeTo(generated);
      workspace.warehouse().load(generated, GeneratedSales.TABLE, progress);
      return GeneratedSales.TABLE;
    }
    String table = LocalWarehouse.tableName(data);
    workspace.warehouse().load(data, table, progress);
    return table;
  }

  private RunningPipeline startTraining(TrainOptions options, String table) throws DemoException {
    progress.begin("train", "reading " + table);
    RunningPipeline running = start(() -> Train.pipeline(options));
    progress.line(
        options.getTrainer()
            + " on "
            + String.join(", ", Objects.requireNonNull(options.getFeatures())));
    return running;
  }

  /** A file to score must have the key and all features. */
  private void checkScorable(LocalWarehouse warehouse, String table, TrainOptions train)
      throws DemoException {
    List<String> columns = warehouse.columns(table);
    List<String> needed = new ArrayList<>();
    needed.add(request.key());
    for (String feature : Objects.requireNonNull(train.getFeatures())) {
      // A column may have a colon in its name; usually what follows it says how it is read.
      boolean whole = columns.stream().anyMatch(feature::equalsIgnoreCase);
      int colon = feature.lastIndexOf(':');
      needed.add(whole || colon < 1 ? feature : feature.substring(0, colon));
    }
    for (String name : needed) {
      if (columns.stream().noneMatch(name::equalsIgnoreCase)) {
        throw DemoException.wrongOption(
            String.format(
                "--score: the file has no column \"%s\", which the models need; its columns are %s",
                name, String.join(", ", columns)));
      }
    }
  }

  private void awaitTraining(RunningPipeline running, TrainOptions options, long keys)
      throws DemoException {
    running.await(
        counters ->
            progress.update(
                String.format(
                    Locale.ROOT,
                    "%,d rows read, %,d of %,d keys done",
                    counters.value("rows_read"),
                    counters.value("keys_trained") + counters.value("keys_not_trained"),
                    keys)));
    long trained = running.counters().value("keys_trained");
    if (trained == 0) {
      throw new DemoException(
          new Failure(
              Failure.FAILED,
              String.format(
                  Locale.ROOT,
                  "none of %,d keys could be trained; try fewer features, another holdout or more"
                      + " rows for each key",
                  keys)));
    }
    progress.end(
        String.format(
            Locale.ROOT,
            "%,d of %,d keys trained and published as %s",
            trained,
            keys,
            options.getModelVersion()));
  }

  private String score(ScoreOptions options, LocalWarehouse warehouse, String table)
      throws DemoException {
    progress.begin("score", "reading " + table);
    RunningPipeline running = start(() -> Score.pipeline(options));
    long rows = warehouse.count(table);
    running.await(
        counters ->
            progress.update(
                String.format(
                    Locale.ROOT,
                    "%,d of %,d rows scored",
                    counters.value("num_inferences") + counters.value("rows_without_model"),
                    rows)));
    progress.end(
        String.format(
            Locale.ROOT,
            "%,d of %,d rows scored and written to %s",
            running.counters().value("num_inferences"),
            rows,
            LocalWarehouse.PREDICTIONS));
    return ScoreText.of(running.metrics());
  }

  private static RunningPipeline start(Supplier<Pipeline> building) throws DemoException {
    Pipeline pipeline;
    try {
      pipeline = building.get();
    } catch (RuntimeException e) {
      throw new DemoException(Failure.whileBuilding(e), e);
    }
    return new RunningPipeline(pipeline.run());
  }

  private TrainOptions trainOptions(Workspace workspace, Engine engine, String table) {
    TrainOptions options = options(TrainOptions.class, workspace, engine);
    options.setSourceTable(LocalWarehouse.quoted(table));
    options.setKey(request.key());
    options.setLabel(request.label());
    options.setFeatures(request.features().isEmpty() ? null : request.features());
    options.setTrainer(request.trainer());
    options.setHoldout(request.holdout());
    options.setModelStore(workspace.modelStore().toString());
    options.setPromote(TrainingOptions.Promotion.ALWAYS);
    options.setLedgerTable(LocalWarehouse.LEDGER);
    return options;
  }

  private ScoreOptions scoreOptions(Workspace workspace, Engine engine, String table) {
    ScoreOptions options = options(ScoreOptions.class, workspace, engine);
    options.setSourceTable(LocalWarehouse.quoted(table));
    options.setKey(request.key());
    options.setModelStore(workspace.modelStore().toString());
    options.setTargetTable(LocalWarehouse.PREDICTIONS);
    options.setTargetMode(ScoreOptions.TargetMode.EMPTY);
    return options;
  }

  private static <T extends WarehouseOptions> T options(
      Class<T> type, Workspace workspace, Engine engine) {
    T options = PipelineOptionsFactory.fromArgs(engine.arguments().toArray(String[]::new)).as(type);
    workspace.warehouse().configure(options);
    options.setStaging(workspace.scratch("staging") + "/");
    options.setBadRecordsTable(LocalWarehouse.BAD_RECORDS);
    return options;
  }
}
