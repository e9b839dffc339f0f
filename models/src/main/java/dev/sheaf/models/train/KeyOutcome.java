package dev.sheaf.models.train;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The report of one key and, if it was trained, its model.
 *
 * @param report what came of the key
 * @param onnx the ONNX file, present exactly if the status is {@link TrainingStatus#TRAINED}; the
 *     array itself, not a copy
 */
// The model travels as bytes: the record has its own equality below.
@SuppressWarnings("ArrayRecordComponent")
public record KeyOutcome(KeyReport report, byte @Nullable [] onnx) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyOutcome that
        && report.equals(that.report)
        && Arrays.equals(onnx, that.onnx);
  }

  @Override
  public int hashCode() {
    return Objects.hash(report, Arrays.hashCode(onnx));
  }

  @Override
  public String toString() {
    return report + (onnx == null ? "" : " with a model of " + onnx.length + " bytes");
  }
}
