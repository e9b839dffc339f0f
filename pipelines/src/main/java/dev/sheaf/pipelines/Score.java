package dev.sheaf.pipelines;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.snowflake.WriteMode;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * The batch scoring pipeline: reads a table, scores each row with its key's model and writes the
 * rows with their predictions to another table.
 *
 * <p>Bounded. A row whose key has no model is written with a NULL prediction; rows that cannot be
 * scored are appended to {@code --badRecordsTable}. Runs on any runner on the class path.
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
    ModelSelection selection = selection(options);
    ExecutionProvider provider = provider(options.getExecutionProvider());
    SnowflakeConnection connection = Warehouse.connection(options);
    Source source = Source.of(options, connection);

    PCollection<Row> rows =
        pipeline.apply(
            "ReadRows", SnowflakeRows.read().withConnection(connection).fromQuery(source.query()));
    Warehouse.withBadRecords(
        pipeline,
        options,
        connection,
        errorHandler -> {
          RunInference score = RunInference.with(selection).keyedBy(options.getKey()).on(provider);
          if (errorHandler != null) {
            score = score.withBadRecordErrorHandler(errorHandler);
          }
          rows.apply("RunInference", score)
              .apply(
                  "WritePredictions",
                  SnowflakeRows.write()
                      .withConnection(connection)
                      .to(options.getTargetTable())
                      .withMode(mode(options.getTargetMode())));
        });
  }

  private static ModelSelection selection(ScoreOptions options) {
    ModelStore store = ModelStore.at(options.getModelStore());
    String version = options.getModelVersion();
    ModelSelection selection =
        version != null
            ? store.pinned(VersionId.ofText(version))
            : store
                .alias(options.getAlias())
                .map(store::pinned)
                .orElseGet(() -> store.aliased(options.getAlias()));
    selection.resolve();
    return selection;
  }

  private static ExecutionProvider provider(String name) {
    return switch (name) {
      case "cpu" -> ExecutionProvider.cpu();
      case "cuda" -> ExecutionProvider.cuda();
      case "cuda-or-cpu" -> ExecutionProvider.cuda().orCpu();
      default ->
          throw new OptionException(
              "--executionProvider: found \"" + name + "\"; valid are cpu, cuda, cuda-or-cpu");
    };
  }

  private static WriteMode mode(ScoreOptions.TargetMode mode) {
    return switch (mode) {
      case APPEND -> WriteMode.APPEND;
      case TRUNCATE -> WriteMode.TRUNCATE;
      case EMPTY -> WriteMode.EMPTY;
    };
  }
}
