package dev.sheaf.pipelines;

import dev.sheaf.transforms.kafka.KafkaRows;
import dev.sheaf.transforms.kafka.ReadKafka;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.training.TrainPerKey;
import java.time.Duration;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.transforms.windowing.AfterProcessingTime;
import org.apache.beam.sdk.transforms.windowing.AfterWatermark;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.transforms.windowing.WindowFn;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;

/**
 * The streaming training pipeline: reads events from Kafka, trains one model per key on each window
 * of event time, and publishes each window's models as a version that a scoring job takes up.
 *
 * <p>Unbounded. A window is trained on when the watermark passes its end, and again when events
 * come for it within {@code --allowedLateness}. The version is named after the window's end; one
 * that is there already is not written again, so a window whose training a failure repeats is
 * published once. Events that cannot be read or trained on go to {@code --deadLetterTopic}, rows of
 * the run ledger to {@code --ledgerTopic}, {@code --ledgerTable} or both, all at least once. Runs
 * on any runner on the class path.
 */
public final class TrainStream {
  private TrainStream() {}

  public static void main(String... args) {
    TrainStreamOptions options =
        PipelineOptionsFactory.fromArgs(args).withValidation().as(TrainStreamOptions.class);
    pipeline(options).run().waitUntilFinish();
  }

  /**
   * Builds the pipeline.
   *
   * @throws IllegalArgumentException when an option is wrong or does not fit the columns
   */
  public static Pipeline pipeline(TrainStreamOptions options) {
    options.setStreaming(true);
    if (options.getLedgerTopic() == null && options.getLedgerTable() == null) {
      throw new OptionException("give --ledgerTopic, --ledgerTable or both");
    }
    if (options.getRunId().isBlank()) {
      throw new OptionException("--runId: found blank text; valid is any other, such as daily");
    }
    TrainPlan plan = TrainPlan.of(options);
    Duration lateWait = OptionTimes.zeroOrMore("--lateWait", options.getLateWait());
    Window<Row> windows = windows(options, lateWait);
    Duration disorder = OptionTimes.zeroOrMore("--outOfOrderness", options.getOutOfOrderness());
    TrainPlan.read("--outOfOrderness", () -> KafkaRows.read().withOutOfOrderness(disorder));
    EventStream stream = EventStream.of(options);
    TrainColumns columns = TrainColumns.of(options, plan, stream.columns(), options.getEventTime());
    plan.checkFits(columns.table(plan.trainer().task()));
    plan.checkWritable();
    Pipeline pipeline = Pipeline.create(options);
    try (BadRecordErrorHandler<PDone> deadLetters = stream.deadLetters(pipeline)) {
      TrainPerKey.Result trained =
          pipeline
              .apply(
                  "ReadEvents",
                  start(options, stream.read(deadLetters)).withOutOfOrderness(disorder))
              .apply("Windows", windows)
              .apply(
                  "TrainPerKey",
                  plan.training(options, columns)
                      .withRunId(options.getRunId())
                      .withBadRecordErrorHandler(deadLetters));
      trained
          .models()
          .apply(
              "PublishModels",
              PublishModels.to(plan.store())
                  .withTask(plan.trainer().task())
                  .withLateWait(lateWait)
                  .promoteIf(plan.gate()));
      writeLedger(trained.ledger(), options, stream, deadLetters);
    }
    return pipeline;
  }

  private static ReadKafka start(TrainStreamOptions options, ReadKafka read) {
    String time = options.getStartAt();
    return time == null
        ? read.startingAtEarliest()
        : read.startingAt(OptionTimes.moment("--startAt", time));
  }

  private static Window<Row> windows(TrainStreamOptions options, Duration lateWait) {
    Duration length = OptionTimes.millis("--window", options.getWindow());
    String every = options.getEvery();
    WindowFn<Object, ?> windows = FixedWindows.of(joda(length));
    if (every != null) {
      Duration step = OptionTimes.millis("--every", every);
      if (step.compareTo(length) > 0) {
        throw new OptionException(
            "--every: found \""
                + every
                + "\" with --window \""
                + options.getWindow()
                + "\"; valid is a time no longer than that, or some events would be in no window");
      }
      windows = SlidingWindows.of(joda(length)).every(joda(step));
    }
    return Window.<Row>into(windows)
        .triggering(
            AfterWatermark.pastEndOfWindow()
                .withLateFirings(
                    AfterProcessingTime.pastFirstElementInPane().plusDelayOf(joda(lateWait))))
        .withAllowedLateness(
            joda(OptionTimes.zeroOrMore("--allowedLateness", options.getAllowedLateness())))
        .accumulatingFiredPanes();
  }

  private static org.joda.time.Duration joda(Duration time) {
    return org.joda.time.Duration.millis(time.toMillis());
  }

  private static void writeLedger(
      PCollection<Row> ledger,
      TrainStreamOptions options,
      EventStream stream,
      ErrorHandler<BadRecord, ?> deadLetters) {
    String topic = options.getLedgerTopic();
    if (topic != null) {
      PCollection<Row> named = ledger.apply("NameLedgerRows", new LedgerEvents());
      named.apply(
          "WriteLedger", stream.write(topic, named.getSchema(), deadLetters).withKey("MODEL_KEY"));
    }
    String table = options.getLedgerTable();
    if (table != null) {
      ledger.apply("LoadLedger", Warehouse.streamed(options, table));
    }
  }
}
