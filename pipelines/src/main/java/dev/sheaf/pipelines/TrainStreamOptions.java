package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** The options of {@link TrainStream}. */
public interface TrainStreamOptions extends EventOptions, TrainingOptions, PipeOptions {
  @Description(
      "Length of the windows of event time whose events are trained on, such as P1D or PT6H; they"
          + " are aligned to 1970-01-01T00:00Z")
  @Validation.Required
  String getWindow();

  void setWindow(String duration);

  @Description(
      "Time from the start of one window to that of the next, for windows that overlap, such as"
          + " PT1H; --window unless set")
  @Nullable String getEvery();

  void setEvery(@Nullable String duration);

  @Description(
      "How much earlier than the latest event of its partition an event may be and still be on"
          + " time; a window ends so much later")
  @Default.String("PT1M")
  String getOutOfOrderness();

  void setOutOfOrderness(String duration);

  @Description(
      "How long after its end a window still takes events, which then make another version of it;"
          + " later ones are dropped and counted by the runner")
  @Default.String("PT0S")
  String getAllowedLateness();

  void setAllowedLateness(String duration);

  @Description(
      "How long the late events of a window wait for others, by the clock, and so do the models"
          + " that come of them before they are published")
  @Default.String("PT1M")
  String getLateWait();

  void setLateWait(String duration);

  @Description(
      "Kafka's time of the first events that a job without a checkpoint reads, such as"
          + " 2026-11-01T00:00:00Z; the oldest there are unless set. It does not go by a consumer"
          + " group, as the events of a window that has not ended must be read again")
  @Nullable String getStartAt();

  void setStartAt(@Nullable String time);

  @Description(
      "Name of the run in the ledger, where the end of the window follows it: train-stream-"
          + "20261102T000000.000Z")
  @Default.String("train-stream")
  String getRunId();

  void setRunId(String runId);

  @Description("Topic for the run ledger; this, --ledgerTable or both")
  @Nullable String getLedgerTopic();

  void setLedgerTopic(@Nullable String topic);

  @Description(
      "Table of the warehouse for the run ledger, created if missing, at least once through"
          + " Snowpipe; with the options of train for the warehouse, among them a private key")
  @Nullable String getLedgerTable();

  void setLedgerTable(@Nullable String table);
}
