package dev.sheaf.transforms.kafka;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one bundle, one per shard, and what is left out of them because Kafka has it.
 *
 * <p>Each batch has a number, which the runner keeps before a record of it is written, and which is
 * in a header of its records. A checkpoint holds the number of the last batch that is committed by
 * then. What Kafka holds of higher numbers was written after the checkpoint: when the job goes on
 * from there, the rows of those records come again, in whatever order and batches, and each is left
 * out once. Records are held back until the bundle's end, so that a transaction is open for
 * milliseconds.
 */
final class ShardBatches {
  private static final int MOST_RECORDS = 10_000;
  private static final long MOST_BYTES = 16L << 20;

  private final OpenWriters writers;
  private final Map<Integer, Batch> batches = new LinkedHashMap<>();

  ShardBatches(OpenWriters writers) {
    this.writers = writers;
  }

  /** Takes a record into its shard's batch, unless Kafka has it; null only opens the shard. */
  Outcome add(int shard, @Nullable ProducerRecord<byte[], byte[]> record, ShardMemory memory) {
    Batch batch = batches.get(shard);
    if (batch == null) {
      batch = begin(shard, memory);
    }
    if (record == null) {
      return Outcome.NOTHING;
    }
    if (batch.pending > 0 && isWritten(SinkSettings.id(record), memory)) {
      batch.pending--;
      memory.keep(batch.state());
      return Outcome.WRITTEN_BEFORE;
    }
    if (batch.isFull()) {
      batch.send();
      batch.commit();
      batch.number++;
      memory.keep(batch.state());
    }
    batch.add(record);
    return Outcome.TAKEN;
  }

  private static boolean isWritten(String id, ShardMemory memory) {
    int copies = memory.pending(id);
    if (copies == 0) {
      return false;
    }
    memory.keepPending(id, copies - 1);
    return true;
  }

  private Batch begin(int shard, ShardMemory memory) {
    ShardState state = memory.state();
    ShardWriter writer = writers.take(shard);
    if (writer != null && (state == null || state.batch() != writer.batch())) {
      // It has written what the runner knows nothing of, or the reverse.
      writer.close();
      writer = null;
    }
    Batch batch = writer == null ? reopen(shard, state, memory) : new Batch(shard, writer);
    if (writer != null && state != null) {
      batch.pending = state.pending();
      batch.number = state.batch() + 1;
    }
    // Before anything else can fail: what is here is closed in the end.
    batches.put(shard, batch);
    memory.keep(batch.state());
    return batch;
  }

  private Batch reopen(int shard, @Nullable ShardState state, ShardMemory memory) {
    ShardWriter writer = ShardWriter.open(writers.settings(), shard);
    try {
      WrittenRecords written = state == null ? writer.start() : writer.resume(state);
      written.ids().forEach((id, count) -> memory.keepPending(id, memory.pending(id) + count));
      Batch batch = new Batch(shard, writer);
      batch.pending = written.count() + (state == null ? 0 : state.pending());
      batch.number = written.batch() + 1;
      return batch;
    } catch (RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  /** Commits all batches; those of later shards are on their way meanwhile. */
  void finish(LongConsumer committed) {
    try {
      for (Batch batch : batches.values()) {
        batch.send();
      }
      for (Batch batch : batches.values()) {
        int records = batch.records.size();
        batch.commit();
        if (records > 0) {
          committed.accept(records);
        }
      }
      for (Iterator<Batch> all = batches.values().iterator(); all.hasNext(); ) {
        Batch batch = all.next();
        all.remove();
        writers.giveBack(batch.shard, batch.writer);
      }
    } catch (RuntimeException | Error e) {
      try {
        abandon();
      } catch (RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /** Gives up whatever is not finished. */
  void abandon() {
    List<ShardWriter> left = batches.values().stream().map(batch -> batch.writer).toList();
    batches.clear();
    ShardWriter.closeAll(left);
  }

  /** What became of a record. */
  enum Outcome {
    TAKEN,
    WRITTEN_BEFORE,
    NOTHING
  }

  private static final class Batch {
    private final int shard;
    private final ShardWriter writer;
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private long number;
    private long pending;
    private long bytes;

    Batch(int shard, ShardWriter writer) {
      this.shard = shard;
      this.writer = writer;
    }

    ShardState state() {
      return new ShardState(number, pending, writer.positions());
    }

    boolean isFull() {
      return records.size() >= MOST_RECORDS || bytes >= MOST_BYTES;
    }

    void add(ProducerRecord<byte[], byte[]> record) {
      records.add(record);
      bytes += record.value().length;
    }

    void send() {
      if (!records.isEmpty()) {
        writer.send(number, records);
      }
    }

    void commit() {
      writer.commit(number);
      records.clear();
      bytes = 0;
    }
  }
}
