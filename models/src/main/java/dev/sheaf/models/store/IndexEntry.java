package dev.sheaf.models.store;

import java.io.Serializable;
import java.util.Map;

/**
 * One line of a version's index: where a key's model lies and what is known of it.
 *
 * @param key what the model is for
 * @param shard number of the zip that holds it
 * @param entry its name in the zip
 * @param offset where its bytes begin in the zip file, in bytes
 * @param bytes its size; entries are stored, not compressed, so it is their size in the zip too
 * @param digest the SHA-256 of the bytes, 64 lower-case hexadecimal digits
 * @param rows number of rows it was trained on
 * @param metrics measured on the holdout, by name
 * @param status what was decided about it when it was published
 */
public record IndexEntry(
    String key,
    int shard,
    String entry,
    long offset,
    long bytes,
    String digest,
    long rows,
    Map<String, Double> metrics,
    EntryStatus status)
    implements Serializable {

  /** Checks the parts and copies the metrics. */
  public IndexEntry {
    Keys.check(key);
    if (shard < 0 || offset < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "shard, offset and rows must be 0 or more, not " + shard + ", " + offset + ", " + rows);
    }
    if (bytes < 1 || bytes > CandidateModel.MAX_BYTES) {
      throw new IllegalArgumentException(
          "bytes must be 1 to " + CandidateModel.MAX_BYTES + ", not " + bytes);
    }
    if (!Digests.isDigest(digest)) {
      throw new IllegalArgumentException(
          "a digest must be 64 lower-case hexadecimal digits, not \"" + digest + "\"");
    }
    metrics = Metrics.copyOf(metrics);
  }

  /** The same entry with another status. */
  public IndexEntry withStatus(EntryStatus changed) {
    return new IndexEntry(key, shard, entry, offset, bytes, digest, rows, metrics, changed);
  }
}
