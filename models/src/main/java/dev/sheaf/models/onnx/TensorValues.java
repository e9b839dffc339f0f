package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Reads doubles out of tensors of a file. */
final class TensorValues {
  private TensorValues() {}

  /**
   * All values of a tensor of doubles; null if it is none, or holds more or fewer values than its
   * shape says.
   */
  static double @Nullable [] doubles(@Nullable TensorProto tensor) {
    if (tensor == null
        || tensor.getDataType() != TensorProto.DataType.DOUBLE.getNumber()
        || tensor.hasSegment()
        || tensor.getExternalDataCount() > 0
        || tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return null;
    }
    long size = 1;
    for (long dimension : tensor.getDimsList()) {
      if (dimension < 0 || dimension > Integer.MAX_VALUE) {
        return null;
      }
      size *= dimension;
      if (size > Integer.MAX_VALUE / Double.BYTES) {
        return null;
      }
    }
    double[] values = new double[(int) size];
    if (tensor.hasRawData() && tensor.getDoubleDataCount() == 0) {
      if (tensor.getRawData().size() != size * Double.BYTES) {
        return null;
      }
      tensor
          .getRawData()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer()
          .get(values);
      return values;
    }
    if (tensor.hasRawData() || tensor.getDoubleDataCount() != size) {
      return null;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getDoubleData(i);
    }
    return values;
  }
}
