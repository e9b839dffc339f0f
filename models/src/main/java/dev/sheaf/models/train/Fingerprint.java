package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/** SHA-256 over all that a model depends on. */
final class Fingerprint {
  private static final int CHUNK_BYTES = 1 << 13;

  private final MessageDigest digest = newDigest();
  private final byte[] bytes = new byte[CHUNK_BYTES];
  private final ByteBuffer chunk = ByteBuffer.wrap(bytes);

  private Fingerprint() {}

  /** The fingerprint of training these rows, given in canonical order, with these options. */
  static String of(KeyTrainer options, RowBlock rows) {
    Fingerprint fingerprint = of(options);
    for (int f = 0; f < rows.features(); f++) {
      rows.dictionary(f).forEach(fingerprint::add);
      fingerprint.add(rows.column(f));
    }
    rows.classes().forEach(fingerprint::add);
    fingerprint.add(rows.labels());
    double[] weights = rows.weights();
    if (weights != null) {
      fingerprint.add(weights);
    }
    fingerprint.add(rows.orders());
    return fingerprint.hex();
  }

  /** The fingerprint of training rows with these sums with these options. */
  static String of(KeyTrainer options, KeySums sums) {
    Fingerprint fingerprint = of(options);
    fingerprint.add("sums");
    fingerprint.add(sums.dataHashes());
    return fingerprint.hex();
  }

  private static Fingerprint of(KeyTrainer options) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(options.trainer());
    Trainer baseline = options.baseline();
    if (baseline != null) {
      fingerprint.add(baseline);
    }
    fingerprint.add(options.holdout().toString());
    ColumnKind kind = options.orderKind();
    if (kind != null) {
      fingerprint.add(kind.name());
    }
    fingerprint.add(options.rowLimit().toString());
    fingerprint.add(options.minimumRows());
    fingerprint.add(Double.doubleToLongBits(options.parityTolerance()));
    fingerprint.add(options.schema().label());
    fingerprint.add(options.schema().labelType().name());
    for (Feature feature : options.schema().features()) {
      fingerprint.add(feature.toString());
    }
    return fingerprint;
  }

  private void add(Trainer trainer) {
    add(trainer.name());
    add(trainer.version());
    new TreeMap<>(trainer.parameters())
        .forEach(
            (name, value) -> {
              add(name);
              add(value);
            });
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014, figure 17). */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(newDigest().digest(bytes));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void add(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add(utf8.length);
    flush();
    digest.update(utf8);
  }

  private void add(double[] values) {
    for (double value : values) {
      add(Double.doubleToLongBits(value));
    }
  }

  private void add(long[] values) {
    for (long value : values) {
      add(value);
    }
  }

  private void add(long value) {
    if (chunk.remaining() < Long.BYTES) {
      flush();
    }
    chunk.putLong(value);
  }

  private void flush() {
    digest.update(bytes, 0, chunk.position());
    chunk.clear();
  }

  private String hex() {
    flush();
    return HexFormat.of().formatHex(digest.digest());
  }
}
