package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.jspecify.annotations.Nullable;

/** The options of {@link ScoreStream}. */
public interface ScoreStreamOptions
    extends ProviderOptions, EventOptions, ModelStoreOptions, PipeOptions {
  @Description("Topic for the predictions; this, --targetTable or both")
  @Nullable String getTargetTopic();

  void setTargetTopic(@Nullable String topic);

  @Description(
      "Table of the warehouse for the predictions, created if missing, at least once through"
          + " Snowpipe; with the options of score for the warehouse, among them a private key")
  @Nullable String getTargetTable();

  void setTargetTable(@Nullable String table);

  @Description(
      "Column with the event's id; topic-partition-offset, in a column EVENT_ID, unless set")
  @Nullable String getEventId();

  void setEventId(@Nullable String column);

  @Description(
      "Consumer group that tells where a job without a checkpoint starts, and gets the places that"
          + " checkpoints have passed")
  @Default.String("sheaf-score")
  String getGroup();

  void setGroup(String group);

  @Description("Alias of the models to score with")
  @Default.String("champion")
  String getAlias();

  void setAlias(String alias);

  @Description("Seconds between looks at the alias; what it serves then scores from then on")
  @Default.Integer(60)
  int getRefreshSeconds();

  void setRefreshSeconds(int seconds);

  @Description(
      "Columns of groups, separated by commas: an event whose key has no model is scored by that of"
          + " its group, in this order; the global model, if there is one, scores what is left")
  @Nullable List<String> getFallback();

  void setFallback(@Nullable List<String> columns);

  @Description(
      "The most events that are scored by one call; 1 scores each at once, more gathers those of a"
          + " bundle, or across bundles with --longestWaitMillis")
  @Default.Integer(1)
  int getBatchSize();

  void setBatchSize(int size);

  @Description(
      "The longest that an event waits for others, across bundles; does not wait unless set")
  @Nullable Integer getLongestWaitMillis();

  void setLongestWaitMillis(@Nullable Integer millis);

  @Description(
      "How often the target topic has a prediction of an event: AT_LEAST_ONCE, repeats after a"
          + " failure having the same record id, or EXACTLY_ONCE for those who read committed records")
  @Default.Enum("AT_LEAST_ONCE")
  Delivery getDelivery();

  void setDelivery(Delivery delivery);

  @Description(
      "Name of the sink with EXACTLY_ONCE, the same when a job goes on from a savepoint; made of"
          + " --group and --targetTopic unless set")
  @Nullable String getSinkName();

  void setSinkName(@Nullable String name);

  @Description("Writers with EXACTLY_ONCE, 1 to 64, each with its own transactions")
  @Default.Integer(1)
  int getSinkShards();

  void setSinkShards(int shards);

  /** How often an event has a prediction. */
  enum Delivery {
    AT_LEAST_ONCE,
    EXACTLY_ONCE
  }
}
