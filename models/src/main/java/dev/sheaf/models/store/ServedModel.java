package dev.sheaf.models.store;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Where the model of one key lies, in few bytes: of 100,000 keys a worker holds one each.
 *
 * <p>The digest is four longs instead of 64 characters, the metrics are an array whose names are
 * shared by all keys that have the same, and the name in the zip follows from the key.
 */
final class ServedModel {
  private static final int DIGEST_LONGS = 4;
  private static final int HEX_DIGITS = 16;

  private final ModelVersion version;
  private final int shard;
  private final int bytes;
  private final long offset;
  private final long rows;
  private final long[] digest;
  private final MetricNames names;
  private final double[] metrics;
  private final EntryStatus status;

  /** The names of metrics in their order. */
  record MetricNames(List<String> names) {}

  /** Keeps an entry of a version; {@code shared} gives one instance for equal names. */
  ServedModel(ModelVersion version, IndexEntry entry, UnaryOperator<MetricNames> shared) {
    this.version = version;
    this.shard = entry.shard();
    this.bytes = (int) entry.bytes();
    this.offset = entry.offset();
    this.rows = entry.rows();
    this.digest = new long[DIGEST_LONGS];
    for (int i = 0; i < DIGEST_LONGS; i++) {
      digest[i] =
          Long.parseUnsignedLong(entry.digest(), HEX_DIGITS * i, HEX_DIGITS * (i + 1), HEX_DIGITS);
    }
    this.names = shared.apply(new MetricNames(List.copyOf(entry.metrics().keySet())));
    this.metrics = entry.metrics().values().stream().mapToDouble(Double::doubleValue).toArray();
    this.status = entry.status();
  }

  IndexEntry entry(String key) {
    SortedMap<String, Double> named = new TreeMap<>();
    for (int i = 0; i < metrics.length; i++) {
      named.put(names.names().get(i), metrics[i]);
    }
    return entry(key, named);
  }

  private IndexEntry entry(String key, Map<String, Double> named) {
    return new IndexEntry(
        key, shard, Keys.entryName(key), offset, bytes, digest(), rows, named, status);
  }

  ModelRef ref(String key) {
    return new ModelRef(version.id(), key, digest(), bytes);
  }

  byte[] load(String key) {
    return version.load(entry(key, Map.of()));
  }

  private String digest() {
    StringBuilder text = new StringBuilder(DIGEST_LONGS * HEX_DIGITS);
    for (long part : digest) {
      text.append(HexFormat.of().toHexDigits(part));
    }
    return text.toString();
  }
}
