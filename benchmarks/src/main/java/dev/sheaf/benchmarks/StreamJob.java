package dev.sheaf.benchmarks;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.Batching;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.kafka.KafkaConnection;
import dev.sheaf.transforms.kafka.KafkaRows;
import dev.sheaf.transforms.kafka.RecordFormat;
import dev.sheaf.transforms.kafka.WriteKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/** Submits a job that reads events from Kafka, does one step with each, and writes them back. */
final class StreamJob {
  static final String NAME = "stream-job";

  private StreamJob() {}

  /** What an event is: an id, when it was sent in milliseconds, a key, features. */
  static Schema events() {
    return Schema.builder()
        .addStringField("ID")
        .addInt64Field("SENT_AT")
        .addFields(ScoringRows.schema(MadeModels.FEATURES).getFields())
        .build();
  }

  static String submit(Request request) {
    Pipeline pipeline =
        Pipeline.create(
            PipelineOptionsFactory.fromArgs(arguments(request).toArray(String[]::new)).create());
    KafkaConnection kafka = KafkaConnection.to(request.text("servers", ""));
    PCollection<Row> events =
        pipeline.apply(
            "Read",
            KafkaRows.read()
                .withConnection(kafka)
                .fromTopic(request.text("source", ""))
                .withFormat(RecordFormat.json(events()))
                .withEventId("ID"));
    String target = request.text("target", "");
    WriteKafka write = KafkaRows.write().withConnection(kafka).toTopic(target).withKey("K");
    boolean exactlyOnce = request.number("exactlyOnce", 0) > 0;
    events
        .apply("Step", step(request))
        .apply("Write", exactlyOnce ? write.withExactlyOnce("bench-" + target) : write);
    pipeline.run();
    return "submitted";
  }

  private static List<String> arguments(Request request) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--runner=FlinkRunner",
                "--streaming",
                "--attachedMode=false",
                "--finishBundleBeforeCheckpointing=true",
                "--flinkMaster=" + request.text("master", ""),
                "--flinkConfDir=" + request.text("conf", ""),
                "--filesToStage=" + request.text("jars", "").replace('+', ','),
                "--parallelism=" + request.number("parallelism", 2)));
    pass(request, "checkpoint", "--checkpointingInterval=", arguments);
    pass(request, "bundle", "--maxBundleSize=", arguments);
    pass(request, "bundleMillis", "--maxBundleTimeMills=", arguments);
    return arguments;
  }

  private static void pass(Request request, String setting, String option, List<String> arguments) {
    int value = request.number(setting, 0);
    if (value > 0) {
      arguments.add(option + value);
    }
  }

  private static PTransform<PCollection<Row>, PCollection<Row>> step(Request request) {
    String store = request.text("store", "");
    if (store.isEmpty()) {
      return new AddColumns();
    }
    Batching batching = Batching.upTo(request.number("batch", 1));
    int wait = request.number("wait", 0);
    return RunInference.with(ModelStore.at(store).champion())
        .keyedBy("K")
        .withBatching(wait == 0 ? batching : batching.waitingAtMost(Duration.ofMillis(wait)));
  }
}
