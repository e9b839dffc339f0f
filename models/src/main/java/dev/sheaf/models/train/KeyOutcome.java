package dev.sheaf.models.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The report of one key and, if it was trained, its model with what is known about it.
 *
 * @param report what came of the key
 * @param onnx the ONNX file, present exactly if the status is {@link TrainingStatus#TRAINED}; the
 *     array itself, not a copy
 * @param heldOut the rows it was judged on with their predictions
 * @param curve how the error fell in training
 * @param importance what the model makes of each feature
 */
// The model travels as bytes; outcomes are not compared.
@SuppressWarnings("ArrayRecordComponent")
public record KeyOutcome(
    KeyReport report,
    byte @Nullable [] onnx,
    List<HeldOut> heldOut,
    List<CurvePoint> curve,
    List<FeatureImportance> importance) {
  /** An outcome without a model, or with the model alone. */
  public KeyOutcome(KeyReport report, byte @Nullable [] onnx) {
    this(report, onnx, List.of(), List.of(), List.of());
  }
}
