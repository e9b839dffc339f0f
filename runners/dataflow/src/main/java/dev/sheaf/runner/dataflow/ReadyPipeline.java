package dev.sheaf.runner.dataflow;

import dev.sheaf.pipelines.Score;
import dev.sheaf.pipelines.ScoreOptions;
import dev.sheaf.pipelines.ScoreStream;
import dev.sheaf.pipelines.ScoreStreamOptions;
import dev.sheaf.pipelines.Train;
import dev.sheaf.pipelines.TrainOptions;
import dev.sheaf.pipelines.TrainStream;
import dev.sheaf.pipelines.TrainStreamOptions;
import dev.sheaf.pipelines.WarehouseOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * A pipeline that Dataflow is offered.
 *
 * @param name as it is written on a command line
 * @param description in one sentence
 * @param options what it is told
 * @param further options that it needs for some of its sinks alone
 * @param pipeline builds it
 */
record ReadyPipeline(
    String name,
    Kind kind,
    String description,
    Class<? extends PipelineOptions> options,
    List<Class<? extends PipelineOptions>> further,
    Function<PipelineOptions, Pipeline> pipeline) {

  /** All of them; a new one is a line here. */
  static final List<ReadyPipeline> ALL =
      List.of(
          of(
              "train",
              Kind.BATCH,
              "Trains one model per key from a Snowflake table and publishes them as a version.",
              TrainOptions.class,
              Train::pipeline),
          of(
              "score",
              Kind.BATCH,
              "Scores a Snowflake table, each row with its key's model, into another table.",
              ScoreOptions.class,
              Score::pipeline),
          of(
                  "score-stream",
                  Kind.STREAMING,
                  "Scores events from Kafka, each with its key's model, to Kafka and to Snowflake.",
                  ScoreStreamOptions.class,
                  ScoreStream::pipeline)
              .with(WarehouseOptions.class),
          of(
                  "train-stream",
                  Kind.STREAMING,
                  "Trains one model per key on each window of events from Kafka and publishes them.",
                  TrainStreamOptions.class,
                  TrainStream::pipeline)
              .with(WarehouseOptions.class));

  /** Whether a pipeline comes to an end by itself. */
  enum Kind {
    BATCH,
    STREAMING
  }

  private static <OptionsT extends PipelineOptions> ReadyPipeline of(
      String name,
      Kind kind,
      String description,
      Class<OptionsT> options,
      Function<OptionsT, Pipeline> pipeline) {
    return new ReadyPipeline(
        name, kind, description, options, List.of(), given -> pipeline.apply(given.as(options)));
  }

  private ReadyPipeline with(Class<? extends PipelineOptions> more) {
    return new ReadyPipeline(name, kind, description, options, List.of(more), pipeline);
  }

  static Optional<ReadyPipeline> named(String name) {
    return ALL.stream().filter(each -> each.name.equals(name)).findFirst();
  }

  static String names() {
    return ALL.stream().map(ReadyPipeline::name).collect(Collectors.joining(", "));
  }

  /**
   * Builds the pipeline.
   *
   * @throws IllegalArgumentException when an option is wrong or does not fit the tables
   */
  Pipeline build(PipelineOptions given) {
    return pipeline.apply(given);
  }
}
