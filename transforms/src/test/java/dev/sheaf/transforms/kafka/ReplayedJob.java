package dev.sheaf.transforms.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A job with one exactly-once sink whose bundles, checkpoints and failures the test decides, and
 * which takes its input in another order after each failure.
 */
final class ReplayedJob {
  private final KafkaConnection connection;
  private final String topic;
  private final int shards;
  private final String run;
  private final List<String> ids;
  private final Random random;
  private Checkpoint now = new Checkpoint(0, Map.of(), Map.of());
  private ShardBatches sink;
  private OpenWriters writers;
  private final List<Runnable> dead = new ArrayList<>();
  private int incarnation;

  ReplayedJob(
      KafkaConnection connection,
      String topic,
      int shards,
      String run,
      List<String> ids,
      Random random) {
    this.connection = connection;
    this.topic = topic;
    this.shards = shards;
    this.run = run;
    this.ids = ids;
    this.random = random;
    this.writers = join();
    this.sink = new ShardBatches(writers);
  }

  /** What survives a failure. */
  record Checkpoint(
      int position, Map<Integer, ShardState> states, Map<Integer, Map<String, Integer>> pending) {
    Checkpoint {
      states = new HashMap<>(states);
      Map<Integer, Map<String, Integer>> copy = new HashMap<>();
      pending.forEach((shard, counts) -> copy.put(shard, new HashMap<>(counts)));
      pending = copy;
    }
  }

  /** A setting that does nothing makes the writers those of another process. */
  private OpenWriters join() {
    return OpenWriters.join(
        new SinkSettings(
            connection.with("client.id", "process-" + incarnation),
            topic,
            "sink-of-" + topic,
            shards,
            run));
  }

  Checkpoint checkpoint() {
    return new Checkpoint(now.position, now.states, now.pending);
  }

  boolean isDone() {
    return now.position == ids.size();
  }

  /** Takes the next rows, in any order. */
  void process(int count) {
    int end = Math.min(ids.size(), now.position + count);
    List<String> next = new ArrayList<>(ids.subList(now.position, end));
    Collections.shuffle(next, random);
    for (String id : next) {
      ProducerRecord<byte[], byte[]> record = record(id);
      int shard = writers.settings().shard(record);
      sink.add(shard, record, memory(shard));
    }
    now = new Checkpoint(end, now.states, now.pending);
  }

  private ProducerRecord<byte[], byte[]> record(String id) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, Broker.bytes("key-" + Integer.parseInt(id) % 7), Broker.bytes("value " + id));
    record.headers().add(KafkaRows.RECORD_ID, id.getBytes(StandardCharsets.UTF_8));
    return record;
  }

  void finishBundle() {
    sink.finish(count -> {});
  }

  /** Fails when the transaction of one shard is committed and those of the others are open. */
  void failAfterOneCommit() {
    IllegalStateException failure = new IllegalStateException("as the test wants");
    try {
      sink.finish(
          count -> {
            throw failure;
          });
    } catch (IllegalStateException e) {
      if (e != failure) {
        throw e;
      }
    }
  }

  /** What a process that was taken for dead does when it wakes up. */
  ShardBatches sink() {
    return sink;
  }

  /** Goes on from a checkpoint in another process; the last one just stops, as if killed. */
  void restore(Checkpoint from) {
    incarnation++;
    OpenWriters deadWriters = writers;
    ShardBatches deadSink = sink;
    dead.add(
        () -> {
          deadSink.abandon();
          deadWriters.leave();
        });
    now = new Checkpoint(from.position, from.states, from.pending);
    writers = join();
    sink = new ShardBatches(writers);
  }

  /** Goes on from a checkpoint in the same process, which has cleaned up. */
  void retry(Checkpoint from) {
    sink.abandon();
    now = new Checkpoint(from.position, from.states, from.pending);
  }

  void close() {
    sink.abandon();
    writers.leave();
    dead.forEach(Runnable::run);
  }

  private ShardMemory memory(int shard) {
    Checkpoint memory = now;
    return new ShardMemory() {
      @Override
      public @Nullable ShardState state() {
        return memory.states.get(shard);
      }

      @Override
      public void keep(ShardState state) {
        memory.states.put(shard, state);
      }

      @Override
      public int pending(String id) {
        return memory.pending.getOrDefault(shard, Map.of()).getOrDefault(id, 0);
      }

      @Override
      public void keepPending(String id, int count) {
        Map<String, Integer> counts = memory.pending.computeIfAbsent(shard, any -> new HashMap<>());
        if (count == 0) {
          counts.remove(id);
        } else {
          counts.put(id, count);
        }
      }
    };
  }
}
