package dev.sheaf.models.train;

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
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(options.trainer().name());
    fingerprint.add(options.trainer().version());
    new TreeMap<>(options.trainer().parameters())
        .forEach(
            (name, value) -> {
              fingerprint.add(name);
              fingerprint.add(value);
            });
    fingerprint.add(options.holdout().toString());
    fingerprint.add(options.schema().label());
    for (Feature feature : options.schema().features()) {
      fingerprint.add(feature.name());
      fingerprint.add(feature.type().name());
    }
    for (int f = 0; f < rows.features(); f++) {
      fingerprint.add(rows.column(f));
    }
    fingerprint.add(rows.labels());
    fingerprint.add(rows.orders());
    return fingerprint.hex();
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
