package dev.sheaf.transforms.kafka;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writers of a sink that are open in this JVM, while no bundle uses them.
 *
 * <p>Runners move a shard between threads, each with a copy of the step. If each copy opened a
 * writer, it would shut out that of the last one, and start by reading back, in every bundle.
 */
final class OpenWriters {
  private static final Map<SinkSettings, OpenWriters> OF_SINKS = new HashMap<>();

  private final SinkSettings settings;
  private final Map<Integer, ShardWriter> idle = new HashMap<>();
  private int users;

  private OpenWriters(SinkSettings settings) {
    this.settings = settings;
  }

  /** Those of a sink, kept until as many users have left as have joined. */
  static OpenWriters join(SinkSettings settings) {
    synchronized (OF_SINKS) {
      OpenWriters writers = OF_SINKS.computeIfAbsent(settings, OpenWriters::new);
      writers.users++;
      return writers;
    }
  }

  /** Closes all writers when the last user leaves. */
  void leave() {
    List<ShardWriter> left = List.of();
    synchronized (OF_SINKS) {
      users--;
      if (users == 0) {
        OF_SINKS.remove(settings);
        left = List.copyOf(idle.values());
        idle.clear();
      }
    }
    ShardWriter.closeAll(left);
  }

  SinkSettings settings() {
    return settings;
  }

  /** Takes a shard's writer for a bundle; null if there is none. */
  @Nullable ShardWriter take(int shard) {
    synchronized (OF_SINKS) {
      return idle.remove(shard);
    }
  }

  /** Puts a writer back after a bundle that went well; of two of a shard the later one stays. */
  void giveBack(int shard, ShardWriter writer) {
    ShardWriter other;
    synchronized (OF_SINKS) {
      other = users == 0 ? writer : idle.put(shard, writer);
      if (other != null && other.isLaterThan(writer)) {
        idle.put(shard, other);
        other = writer;
      }
    }
    if (other != null) {
      other.close();
    }
  }
}
