package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads the tensors in ONNX files, as initializers and test vectors are. */
final class TensorProtos {
  private TensorProtos() {}

  /**
   * Reads a tensor.
   *
   * @throws OnnxFailure if it is damaged, lies in another file, or is of a type that has no {@link
   *     TensorType}
   */
  static Tensor read(TensorProto proto) {
    TensorType type =
        TensorType.ofProtoNumber(proto.getDataType())
            .orElseThrow(
                () ->
                    new OnnxFailure(
                        "cannot read a tensor of "
                            + TypeNames.element(proto.getDataType())
                            + ": ONNX Runtime's Java interface has no such type"));
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new OnnxFailure(
          "cannot read the tensor '" + proto.getName() + "': it lies in another file");
    }
    try {
      if (type.isText()) {
        return Tensor.of(texts(proto.getStringDataList()), shape);
      }
      if (proto.hasRawData()) {
        ByteBuffer bytes = ByteBuffer.wrap(proto.getRawData().toByteArray());
        return Tensor.ofBuffer(type, bytes, shape);
      }
      return typed(proto, type, shape);
    } catch (IllegalArgumentException e) {
      throw new OnnxFailure(
          "cannot read the tensor '" + proto.getName() + "': " + e.getMessage(), e);
    }
  }

  private static String[] texts(List<ByteString> bytes) {
    return bytes.stream().map(text -> text.toString(StandardCharsets.UTF_8)).toArray(String[]::new);
  }

  private static Tensor typed(TensorProto proto, TensorType type, long[] shape) {
    int elements = Shapes.elements(shape, type.elementBytes());
    int found =
        switch (type) {
          case FLOAT -> proto.getFloatDataCount();
          case DOUBLE -> proto.getDoubleDataCount();
          case INT64 -> proto.getInt64DataCount();
          case UINT32, UINT64 -> proto.getUint64DataCount();
          default -> proto.getInt32DataCount();
        };
    if (found != elements) {
      throw new IllegalArgumentException(
          Shapes.describe(type, shape) + " has " + elements + " elements, found " + found);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(elements * type.elementBytes()).order(ByteOrder.nativeOrder());
    for (int i = 0; i < elements; i++) {
      switch (type) {
        case FLOAT -> bytes.putFloat(proto.getFloatData(i));
        case DOUBLE -> bytes.putDouble(proto.getDoubleData(i));
        case INT64 -> bytes.putLong(proto.getInt64Data(i));
        case UINT64 -> bytes.putLong(proto.getUint64Data(i));
        case UINT32 -> bytes.putInt((int) proto.getUint64Data(i));
        case INT32 -> bytes.putInt(proto.getInt32Data(i));
        case INT16, UINT16, FLOAT16, BFLOAT16 -> bytes.putShort((short) proto.getInt32Data(i));
        default -> bytes.put((byte) proto.getInt32Data(i));
      }
    }
    return Tensor.ofBuffer(type, bytes.flip(), shape);
  }
}
