package dev.sheaf.pipelines;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.rows.NameEvents;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.snowflake.WriteMode;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * The batch scoring pipeline: reads a table, scores each row with its key's model and writes the
 * rows with their predictions to another table.
 *
 * <p>Bounded. Whether models predict numbers or classes is found out from the store. A row whose
 * key has no model is scored by the first of the groups in {@code --fallback} that has one, else by
 * the global model if there is one, else written with a NULL prediction; {@code FALLBACK_LEVEL}
 * says which. With {@code --eventId} each row carries the name of its event, by which {@link
 * LambdaView} finds it. Rows that cannot be scored are appended to {@code --badRecordsTable}. Runs
 * on any runner on the class path.
 */
public final class Score {
  private Score() {}

  public static void main(String... args) {
    ScoreOptions options =
        PipelineOptionsFactory.fromArgs(args).withValidation().as(ScoreOptions.class);
    pipeline(options).run().waitUntilFinish();
  }

  /**
   * Builds the pipeline; what serves at this moment is what scores, to the last row.
   *
   * @throws IllegalArgumentException when an option is wrong or does not fit the table
   * @throws IllegalStateException when the table is empty
   */
  public static Pipeline pipeline(ScoreOptions options) {
    Pipeline pipeline = Pipeline.create(options);
    addTo(pipeline, options);
    return pipeline;
  }

  private static void addTo(Pipeline pipeline, ScoreOptions options) {
    Serving serving =
        Serving.of(
            ModelStore.at(options.getModelStore()), options.getAlias(), options.getModelVersion());
    Provider provider = Provider.of(options);
    SnowflakeConnection connection = Warehouse.connection(options);
    Source source = Source.of(options, connection);
    RunInference inference =
        RunInference.with(serving.selection())
            .keyedBy(options.getKey())
            .fallingBackTo(serving.groups(options.getFallback(), source.schema()));
    RunInference score = provider.place(serving.classifies() ? inference.classifying() : inference);

    PCollection<Row> rows =
        pipeline.apply(
            "ReadRows", SnowflakeRows.read().withConnection(connection).fromQuery(source.query()));
    Warehouse.withBadRecords(
        pipeline,
        options,
        connection,
        errorHandler -> {
          named(rows, options, errorHandler)
              .apply(
                  "RunInference",
                  errorHandler == null ? score : score.withBadRecordErrorHandler(errorHandler))
              .apply(
                  "WritePredictions",
                  SnowflakeRows.write()
                      .withConnection(connection)
                      .to(options.getTargetTable())
                      .withMode(mode(options.getTargetMode())));
        });
  }

  private static PCollection<Row> named(
      PCollection<Row> rows,
      ScoreOptions options,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    String column = options.getEventId();
    if (column == null) {
      return rows;
    }
    NameEvents name = NameEvents.by(column);
    return rows.apply(
        "NameEvents", errorHandler == null ? name : name.withBadRecordErrorHandler(errorHandler));
  }

  private static WriteMode mode(ScoreOptions.TargetMode mode) {
    return switch (mode) {
      case APPEND -> WriteMode.APPEND;
      case TRUNCATE -> WriteMode.TRUNCATE;
      case EMPTY -> WriteMode.EMPTY;
    };
  }
}
