package dev.sheaf.pipelines;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.rows.RowColumn;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.training.TrainPerKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * The training pipeline: reads a table, trains one model per key, publishes them as a version and
 * appends the run ledger to a table.
 *
 * <p>Bounded. Rows that cannot be used are appended to {@code --badRecordsTable}. The version
 * becomes visible as a whole, after its last model is written. Runs on any runner on the class
 * path:
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
   * Builds the pipeline; sets the model version and the features among the options where there are
   * none.
   *
   * @throws IllegalArgumentException when an option is wrong or does not fit the table
   * @throws IllegalStateException when the table is empty
   */
  public static Pipeline pipeline(TrainOptions options) {
    String asked = options.getModelVersion();
    VersionId version = asked == null ? VersionId.at(Instant.now()) : VersionId.ofText(asked);
    options.setModelVersion(version.text());
    Pipeline pipeline = Pipeline.create(options);
    addTo(pipeline, options, version);
    return pipeline;
  }

  /**
   * Checks what can be checked before anything is read.
   *
   * @throws IllegalArgumentException naming the text found and what is valid
   */
  public static void check(String trainer, String holdout) {
    Trainers.parse(trainer);
    Holdout.parse(holdout);
  }

  private static void addTo(Pipeline pipeline, TrainOptions options, VersionId version) {
    Trainer trainer = Trainers.parse(options.getTrainer());
    Holdout holdout = Holdout.parse(options.getHoldout());
    ModelStore store = ModelStore.at(options.getModelStore());
    SnowflakeConnection connection = Warehouse.connection(options);
    Source source = Source.of(options, connection);

    List<String> features = features(options, source.schema());
    List<String> columns = columns(options, source.schema(), features, holdout);
    options.setFeatures(features);
    source.checkNumbers("--label", List.of(options.getLabel()));
    source.checkNumbers("--features", features);
    PCollection<Row> rows =
        pipeline.apply(
            "ReadRows",
            SnowflakeRows.read().withConnection(connection).fromQuery(source.select(columns)));
    Warehouse.withBadRecords(
        pipeline,
        options,
        connection,
        errorHandler -> {
          TrainPerKey train =
              TrainPerKey.on(options.getKey())
                  .withLabel(options.getLabel())
                  .withFeatures(features)
                  .withTrainer(trainer)
                  .withHoldout(holdout);
          if (options.getMinimumRows() != 0) {
            train = train.withMinimumRows(options.getMinimumRows());
          }
          String runId = options.getRunId();
          if (runId != null) {
            train = train.withRunId(runId);
          }
          if (errorHandler != null) {
            train = train.withBadRecordErrorHandler(errorHandler);
          }
          TrainPerKey.Result trained = rows.apply("TrainPerKey", train);
          trained
              .models()
              .apply(
                  "PublishModels",
                  PublishModels.to(store)
                      .withVersion(version)
                      .promoteIf(gate(options.getPromote())));
          trained
              .ledger()
              .apply(
                  "WriteLedger",
                  SnowflakeRows.write().withConnection(connection).to(options.getLedgerTable()));
        });
    checkWritable(store);
  }

  private static void checkWritable(ModelStore store) {
    try {
      store.checkWritable();
    } catch (StoreException e) {
      throw new OptionException("--modelStore: " + e.getMessage(), e);
    }
  }

  private static Gate gate(TrainOptions.Promotion promotion) {
    return switch (promotion) {
      case ALWAYS -> Gate.always();
      case BETTER -> Gate.betterThanChampion();
      case NEVER -> Gate.never();
    };
  }

  /** The features asked for, or every numeric column that has no other part to play. */
  private static List<String> features(TrainOptions options, Schema schema) {
    List<String> asked = options.getFeatures();
    if (asked != null && !asked.isEmpty()) {
      return asked.stream()
          .map(name -> RowColumn.find(schema, name, "--features").name())
          .distinct()
          .collect(Collectors.toList());
    }
    List<String> taken = new ArrayList<>();
    taken.add(RowColumn.find(schema, options.getKey(), "--key").name());
    taken.add(RowColumn.find(schema, options.getLabel(), "--label").name());
    List<String> numeric =
        schema.getFields().stream()
            .map(Schema.Field::getName)
            .filter(name -> RowColumn.find(schema, name, "--features").isNumber())
            .filter(name -> !taken.contains(name))
            .collect(Collectors.toList());
    if (numeric.isEmpty()) {
      throw new OptionException(
          "--features: no numeric column is left beside the key and the label; the columns are "
              + String.join(", ", schema.getFieldNames()));
    }
    return numeric;
  }

  private static List<String> columns(
      TrainOptions options, Schema schema, List<String> features, Holdout holdout) {
    List<String> columns = new ArrayList<>();
    columns.add(RowColumn.find(schema, options.getKey(), "--key").name());
    columns.add(RowColumn.find(schema, options.getLabel(), "--label").name());
    columns.addAll(features);
    holdout
        .column()
        .ifPresent(column -> columns.add(RowColumn.find(schema, column, "--holdout").name()));
    return columns;
  }
}
