package dev.sheaf.pipelines;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.Batching;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.kafka.ReadKafka;
import dev.sheaf.transforms.kafka.WriteKafka;
import java.time.Duration;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;

/**
 * The streaming scoring pipeline: reads events from Kafka, scores each with its key's model and
 * writes the events with their predictions to another topic, to a table of the warehouse, or both.
 *
 * <p>Unbounded. What the alias serves is looked up while it runs: a new version, or a rollback, is
 * taken up within {@code --refreshSeconds}; each call is made with one version. Whether models
 * predict numbers or classes is found out from the store when the pipeline is built, so something
 * must be served by then. Events that cannot be read or scored go to {@code --deadLetterTopic}, at
 * least once. Predictions are delivered as {@code --delivery} says. Runs on any runner on the class
 * path.
 */
public final class ScoreStream {
  private ScoreStream() {}

  public static void main(String... args) {
    ScoreStreamOptions options =
        PipelineOptionsFactory.fromArgs(args).withValidation().as(ScoreStreamOptions.class);
    pipeline(options).run().waitUntilFinish();
  }

  /**
   * Builds the pipeline.
   *
   * @throws IllegalArgumentException when an option is wrong
   * @throws dev.sheaf.models.store.StoreException if the alias serves nothing
   */
  public static Pipeline pipeline(ScoreStreamOptions options) {
    options.setStreaming(true);
    if (options.getTargetTopic() == null && options.getTargetTable() == null) {
      throw new OptionException("give --targetTopic, --targetTable or both");
    }
    EventStream stream = EventStream.of(options);
    Pipeline pipeline = Pipeline.create(options);
    try (BadRecordErrorHandler<PDone> deadLetters = stream.deadLetters(pipeline)) {
      PCollection<Row> events = pipeline.apply("ReadEvents", read(options, stream, deadLetters));
      PCollection<Row> predictions =
          events.apply("RunInference", inference(options, events.getSchema(), deadLetters));
      String topic = options.getTargetTopic();
      if (topic != null) {
        predictions.apply(
            "WritePredictions",
            delivered(options, topic, stream.write(topic, predictions.getSchema(), deadLetters)));
      }
      String table = options.getTargetTable();
      if (table != null) {
        predictions.apply("LoadPredictions", Warehouse.streamed(options, table));
      }
    }
    return pipeline;
  }

  private static ReadKafka read(
      ScoreStreamOptions options, EventStream stream, ErrorHandler<BadRecord, ?> deadLetters) {
    ReadKafka read = stream.read(deadLetters).withGroup(options.getGroup());
    String id = options.getEventId();
    return id == null ? read : read.withEventId(id);
  }

  private static RunInference inference(
      ScoreStreamOptions options, Schema events, ErrorHandler<BadRecord, ?> deadLetters) {
    ModelStore store = ModelStore.at(options.getModelStore());
    Serving serving = Serving.of(store, options.getAlias(), null);
    RunInference inference =
        RunInference.with(store.aliased(options.getAlias()))
            .keyedBy(options.getKey())
            .fallingBackTo(serving.groups(options.getFallback(), events))
            .withBatching(batching(options))
            .refreshedEvery(refresh(options))
            .withBadRecordErrorHandler(deadLetters);
    return Provider.of(options).place(serving.classifies() ? inference.classifying() : inference);
  }

  private static Batching batching(ScoreStreamOptions options) {
    if (options.getBatchSize() < 1) {
      throw new OptionException(
          "--batchSize: at least 1 is needed, found " + options.getBatchSize());
    }
    Batching batching = Batching.upTo(options.getBatchSize());
    Integer wait = options.getLongestWaitMillis();
    if (wait == null) {
      return batching;
    }
    if (wait < 1 || options.getBatchSize() == 1) {
      throw new OptionException(
          "--longestWaitMillis: at least 1, and a --batchSize above 1, are needed, found "
              + wait
              + " and "
              + options.getBatchSize());
    }
    return batching.waitingAtMost(Duration.ofMillis(wait));
  }

  private static Duration refresh(ScoreStreamOptions options) {
    if (options.getRefreshSeconds() < 1) {
      throw new OptionException(
          "--refreshSeconds: at least 1 is needed, found " + options.getRefreshSeconds());
    }
    return Duration.ofSeconds(options.getRefreshSeconds());
  }

  private static WriteKafka delivered(ScoreStreamOptions options, String topic, WriteKafka write) {
    WriteKafka keyed = write.withKey(options.getKey());
    String name = options.getSinkName();
    return switch (options.getDelivery()) {
      case AT_LEAST_ONCE -> keyed;
      case EXACTLY_ONCE ->
          keyed
              .withExactlyOnce(name == null ? options.getGroup() + "-" + topic : name)
              .withShards(options.getSinkShards());
    };
  }
}
