package dev.sheaf.transforms.kafka;

import org.jspecify.annotations.Nullable;

/** What the runner keeps for a shard, as of its last checkpoint when the job restarts. */
interface ShardMemory {
  /** How far the shard is; null if it never wrote. */
  @Nullable ShardState state();

  void keep(ShardState state);

  /** How many records of this id are in Kafka whose rows are still to come again. */
  int pending(String id);

  void keepPending(String id, int count);
}
