package dev.sheaf.transforms.kafka;

import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.state.MapState;
import org.apache.beam.sdk.state.StateSpec;
import org.apache.beam.sdk.state.StateSpecs;
import org.apache.beam.sdk.state.ValueState;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Writes records by shards, a transaction for each shard and bundle. */
final class WriteShards extends DoFn<KV<Integer, ProducerRecord<byte[], byte[]>>, Void> {
  private static final long serialVersionUID = 1L;

  @StateId("shard")
  private final StateSpec<ValueState<ShardState>> shardSpec =
      StateSpecs.value(new ShardState.Coder());

  @StateId("pending")
  private final StateSpec<MapState<String, Integer>> pendingSpec =
      StateSpecs.map(StringUtf8Coder.of(), VarIntCoder.of());

  private final Counter written = Metrics.counter(KafkaRows.class, "kafka_records_written");
  private final Counter skipped = Metrics.counter(KafkaRows.class, "kafka_records_written_before");
  private final Counter transactions = Metrics.counter(KafkaRows.class, "kafka_transactions");
  private final SinkSettings settings;
  private transient @Nullable OpenWriters writers;
  private transient @Nullable ShardBatches batches;

  WriteShards(SinkSettings settings) {
    this.settings = settings;
  }

  @Setup
  public void open() {
    OpenWriters joined = OpenWriters.join(settings);
    writers = joined;
    batches = new ShardBatches(joined);
  }

  @StartBundle
  public void startBundle() {
    open(batches).abandon();
  }

  @ProcessElement
  public void write(
      @Element KV<Integer, ProducerRecord<byte[], byte[]>> element,
      @StateId("shard") ValueState<ShardState> shard,
      @StateId("pending") MapState<String, Integer> pending) {
    @Nullable ProducerRecord<byte[], byte[]> record = element.getValue();
    ShardBatches.Outcome outcome =
        open(batches).add(element.getKey(), record, new Memory(shard, pending));
    if (outcome == ShardBatches.Outcome.WRITTEN_BEFORE) {
      skipped.inc();
    }
  }

  @FinishBundle
  public void finishBundle() {
    open(batches)
        .finish(
            records -> {
              written.inc(records);
              transactions.inc();
            });
  }

  @Teardown
  public void close() {
    OpenWriters joined = writers;
    writers = null;
    try {
      if (batches != null) {
        batches.abandon();
      }
    } finally {
      if (joined != null) {
        joined.leave();
      }
    }
  }

  private static ShardBatches open(@Nullable ShardBatches batches) {
    if (batches == null) {
      throw new IllegalStateException("not set up");
    }
    return batches;
  }

  private record Memory(ValueState<ShardState> shard, MapState<String, Integer> waiting)
      implements ShardMemory {
    @Override
    public @Nullable ShardState state() {
      return shard.read();
    }

    @Override
    public void keep(ShardState state) {
      shard.write(state);
    }

    @Override
    public int pending(String id) {
      Integer count = waiting.get(id).read();
      return count == null ? 0 : count;
    }

    @Override
    public void keepPending(String id, int count) {
      if (count == 0) {
        waiting.remove(id);
      } else {
        waiting.put(id, count);
      }
    }
  }
}
