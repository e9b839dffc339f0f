package dev.sheaf.pipelines;

import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.publishing.PublishedVersion;
import dev.sheaf.transforms.rows.FeatureSpec;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.training.TrainPerKey;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * The training pipeline: reads a table, trains one model per key, publishes them as a version and
 * appends the run ledger to a table.
 *
 * <p>Bounded. Rows that cannot be used are appended to {@code --badRecordsTable}. The version
 * becomes visible as a whole, after its last model is written. What becomes of each key is kept in
 * the model store while the run works, see {@link dev.sheaf.models.runs.RunStore}; a run of the
 * same {@code --runId} trains only the keys that failed, changed or were not reached. Runs on any
 * runner on the class path:
 *
 * <pre>{@code
 * Train.main("--runner=FlinkRunner", "--warehouseUrl=jdbc:snowflake://...", ...);
 * }</pre>
 */
public final class Train {
  private Train() {}

  public static void main(String... args) {
    TrainOptions options =
        PipelineOptionsFactory.fromArgs(args).withValidation().as(TrainOptions.class);
    pipeline(options).run().waitUntilFinish();
  }

  /**
   * Builds the pipeline and writes down that its run starts; sets the model version, the run's name
   * and the features among the options where there are none.
   *
   * @throws IllegalArgumentException when an option is wrong or does not fit the table
   * @throws IllegalStateException when the table is empty
   */
  public static Pipeline pipeline(TrainOptions options) {
    TrainPlan plan = TrainPlan.of(options);
    VersionId now = VersionId.at(Instant.now());
    VersionId version = version(options.getModelVersion(), now);
    options.setModelVersion(version.text());
    options.setRunId(runId(options.getRunId(), now));
    Pipeline pipeline = Pipeline.create(options);
    addTo(pipeline, options, plan, version);
    return pipeline;
  }

  /**
   * Checks what can be checked before anything is read.
   *
   * @throws IllegalArgumentException naming the text found and what is valid
   */
  public static void check(String trainer, String holdout) {
    TrainPlan.trainer(trainer);
    TrainPlan.holdout(holdout);
  }

  private static VersionId version(@Nullable String asked, VersionId now) {
    return asked == null ? now : TrainPlan.read("--modelVersion", () -> VersionId.ofText(asked));
  }

  private static String runId(@Nullable String asked, VersionId now) {
    if (asked != null && asked.isBlank()) {
      throw new OptionException(
          "--runId: found \"" + asked + "\"; valid is any text that is not blank, such as nightly");
    }
    return asked == null ? "run-" + now : asked;
  }

  private static void addTo(
      Pipeline pipeline, TrainOptions options, TrainPlan plan, VersionId version) {
    SnowflakeConnection connection = Warehouse.connection(options);
    TrainTables tables = TrainTables.of(options, connection);
    Source source = Source.of(options, connection);
    TrainColumns columns = TrainColumns.of(options, plan, source.schema(), null);
    options.setFeatures(columns.specs().stream().map(FeatureSpec::text).toList());
    plan.checkFits(columns.table(plan.trainer().task()));
    checkValues(source, columns, plan);
    plan.checkWritable();

    PCollection<Row> rows =
        pipeline.apply(
            "ReadRows",
            SnowflakeRows.read()
                .withConnection(connection)
                .fromQuery(source.select(columns.all())));
    Warehouse.withBadRecords(
        pipeline,
        options,
        connection,
        errorHandler -> {
          TrainPerKey.Result trained =
              rows.apply(
                  "TrainPerKey",
                  training(options, plan, columns, errorHandler).telling(tables.told()));
          publish(trained, plan, version);
          tables.write(trained);
        });
  }

  /** Text that is to be numbers or dates, and holds none, is a wrong option. */
  private static void checkValues(Source source, TrainColumns columns, TrainPlan plan) {
    if (!plan.trainer().task().isClassification()) {
      source.checkNumbers("--label", List.of(columns.label()));
    }
    source.checkNumbers("--features", columns.numbers());
    source.checkDates("--features", columns.calendar(FeatureType.DATE));
    source.checkTimes("--features", columns.calendar(FeatureType.DATE_TIME));
    String weight = columns.weight();
    if (weight != null) {
      source.checkNumbers("--weight", List.of(weight));
    }
  }

  private static TrainPerKey training(
      TrainOptions options,
      TrainPlan plan,
      TrainColumns columns,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    TrainPerKey train =
        plan.training(options, columns)
            .withRunId(Objects.requireNonNull(options.getRunId()))
            .recordedIn(RunStore.at(plan.store().location()));
    return errorHandler == null ? train : train.withBadRecordErrorHandler(errorHandler);
  }

  private static void publish(TrainPerKey.Result trained, TrainPlan plan, VersionId version) {
    PCollection<PublishedVersion> published =
        trained
            .models()
            .apply(
                "PublishModels",
                PublishModels.to(plan.store())
                    .withVersion(version)
                    .withTask(plan.trainer().task())
                    .promoteIf(plan.gate()))
            .version();
    trained
        .run()
        .ifPresent(
            run -> published.apply("FinishRun", ParDo.of(new FinishRun(run, Clock.systemUTC()))));
  }
}
