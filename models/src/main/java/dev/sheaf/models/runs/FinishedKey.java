package dev.sheaf.models.runs;

import dev.sheaf.models.store.Keys;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of one key, as a run keeps it: enough to pass it on again without training.
 *
 * @param key the key; any text that UTF-8 can hold
 * @param status the name of the status it ended with
 * @param fingerprint stands for all that the outcome depends on: equal fingerprints, equal outcomes
 * @param ledger the columns of its ledger row as texts, in their order; {@link #REASON}, {@link
 *     #ROWS} and {@link #SECONDS} are read back for the progress, the others are kept as they are
 * @param onnx the ONNX file, if there is a model; the array itself, not a copy
 */
// The model travels as bytes: the record has its own equality below.
@SuppressWarnings("ArrayRecordComponent")
public record FinishedKey(
    String key,
    String status,
    String fingerprint,
    Map<String, String> ledger,
    byte @Nullable [] onnx) {

  /** The status of a key that a re-run trains again, whatever its fingerprint. */
  public static final String FAILED = "FAILED";

  /** The ledger's column that says why there is no model, or what to know about it. */
  public static final String REASON = "REASON";

  /** The ledger's column with the number of rows of the key. */
  public static final String ROWS = "ROW_COUNT";

  /** The ledger's column with the time that the key took. */
  public static final String SECONDS = "SECONDS";

  /** Checks key and status and copies the ledger's columns. */
  // Not the compact form: javac forgets there that the array may be null.
  public FinishedKey(
      String key,
      String status,
      String fingerprint,
      Map<String, String> ledger,
      byte @Nullable [] onnx) {
    Keys.check(key);
    if (status.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot finish key \"" + key + "\": its status must be a name such as TRAINED");
    }
    this.key = key;
    this.status = status;
    this.fingerprint = fingerprint;
    this.ledger = Collections.unmodifiableMap(new LinkedHashMap<>(ledger));
    this.onnx = onnx;
  }

  /** The ledger's {@link #REASON}, or nothing. */
  public String reason() {
    return ledger.getOrDefault(REASON, "");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FinishedKey that
        && key.equals(that.key)
        && status.equals(that.status)
        && fingerprint.equals(that.fingerprint)
        && ledger.equals(that.ledger)
        && Arrays.equals(onnx, that.onnx);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, status, fingerprint, ledger, Arrays.hashCode(onnx));
  }

  @Override
  public String toString() {
    return key
        + " "
        + status
        + " "
        + ledger
        + (onnx == null ? "" : " with a model of " + onnx.length + " bytes");
  }
}
