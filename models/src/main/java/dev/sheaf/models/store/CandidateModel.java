package dev.sheaf.models.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * One trained model on its way into a store: its key, its ONNX bytes and how well it did.
 *
 * <p>Two candidates are equal if their contents are, the bytes included. The bytes are not copied,
 * neither in nor out: nobody may change them.
 *
 * @param key what the model is for; any Unicode text, the empty one too
 * @param onnx one self-contained ONNX model, 1 to {@link #MAX_BYTES} bytes
 * @param digest the SHA-256 of the bytes, 64 lower-case hexadecimal digits
 * @param rows number of rows it was trained on, at least 0
 * @param metrics measured on the holdout: {@code rmse}, {@code mae}, {@code baselineRmse}, ...; NaN
 *     and infinities are kept
 */
// The bytes are an array so that a model of many megabytes is never copied or boxed; equality,
// hash and text are written out below.
@SuppressWarnings("ArrayRecordComponent")
public record CandidateModel(
    String key, byte[] onnx, String digest, long rows, Map<String, Double> metrics) {
  /** Largest model that a store takes: 1 GiB. */
  public static final int MAX_BYTES = 1 << 30;

  /** The metric that gates compare: root mean squared error on the holdout. */
  public static final String RMSE = "rmse";

  /** The metric that decides: the loss on the rows held out, lower is better. */
  public static final String LOSS = "loss";

  /** The loss of the naive baseline on the same rows. */
  public static final String BASELINE_LOSS = "baseline_loss";

  /** The loss, on the same rows, of the model that served the key when this one was trained. */
  public static final String CHAMPION_LOSS = "champion_loss";

  /** Checks the parts and copies the metrics; whether the digest fits is checked when written. */
  public CandidateModel {
    Keys.check(key);
    if (onnx.length == 0 || onnx.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "cannot take the model of key \""
              + key
              + "\": it has "
              + onnx.length
              + " bytes; valid are 1 to "
              + MAX_BYTES);
    }
    if (!Digests.isDigest(digest)) {
      throw new IllegalArgumentException(
          "cannot take the model of key \""
              + key
              + "\": its digest must be 64 lower-case hexadecimal digits, not \""
              + digest
              + "\"");
    }
    if (rows < 0) {
      throw new IllegalArgumentException(
          "cannot take the model of key \"" + key + "\": rows must be 0 or more, not " + rows);
    }
    metrics = Metrics.copyOf(metrics);
  }

  /** A candidate with the digest of its bytes. */
  public static CandidateModel of(String key, byte[] onnx, long rows, Map<String, Double> metrics) {
    return new CandidateModel(key, onnx, Digests.of(onnx), rows, metrics);
  }

  /** The same candidate with other bytes and their digest. */
  public CandidateModel withOnnx(byte[] changed) {
    return of(key, changed, rows, metrics);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CandidateModel that
        && key.equals(that.key)
        && digest.equals(that.digest)
        && rows == that.rows
        && metrics.equals(that.metrics)
        && Arrays.equals(onnx, that.onnx);
  }

  @Override
  public int hashCode() {
    return 31 * key.hashCode() + digest.hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "CandidateModel[key=%s, bytes=%d, digest=%s, rows=%d, metrics=%s]",
        key,
        onnx.length,
        digest,
        rows,
        metrics);
  }
}
