package dev.sheaf.models.store;

import java.io.Serializable;
import java.util.List;

/**
 * What one written shard holds, to be gathered and given to {@link VersionWriter#commit}.
 *
 * @param shard number of the shard, from 0
 * @param shards how many shards the version is spread over
 * @param fileBytes size of the zip
 * @param entries its models in the order of their keys; not empty
 */
public record ShardEntries(int shard, int shards, long fileBytes, List<IndexEntry> entries)
    implements Serializable {

  /** Checks the numbers and copies the entries. */
  public ShardEntries {
    checkNumbers(shard, shards);
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("cannot keep a shard with no models: shard " + shard);
    }
  }

  static void checkNumbers(int shard, int shards) {
    if (shards < 1 || shards > 99_999 || shard < 0 || shard >= shards) {
      throw new IllegalArgumentException(
          "cannot write shard "
              + shard
              + " of "
              + shards
              + ": there may be 1 to 99999 shards, numbered from 0");
    }
  }
}
