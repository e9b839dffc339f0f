package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import java.util.List;
import java.util.Locale;

/** Names for types of ONNX, also for those that Java cannot hold. */
final class TypeNames {
  /** Types that are younger than the description of the format that this reads with. */
  private static final List<String> YOUNG =
      List.of(
          "float8e4m3fn",
          "float8e4m3fnuz",
          "float8e5m2",
          "float8e5m2fnuz",
          "uint4",
          "int4",
          "float4e2m1",
          "float8e8m0",
          "uint2",
          "int2");

  private static final int FIRST_YOUNG = 17;

  private TypeNames() {}

  static String element(int number) {
    TensorProto.DataType known = TensorProto.DataType.forNumber(number);
    if (known != null) {
      return known.name().toLowerCase(Locale.ROOT);
    }
    int young = number - FIRST_YOUNG;
    return young >= 0 && young < YOUNG.size() ? YOUNG.get(young) : "type number " + number;
  }

  static String of(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> "tensor of " + element(type.getTensorType().getElemType());
      case SEQUENCE_TYPE -> "sequence of " + of(type.getSequenceType().getElemType());
      case OPTIONAL_TYPE ->
          "value that may be absent, a " + of(type.getOptionalType().getElemType());
      case SPARSE_TENSOR_TYPE ->
          "sparse tensor of " + element(type.getSparseTensorType().getElemType());
      case MAP_TYPE -> "map to " + of(type.getMapType().getValueType());
      case OPAQUE_TYPE -> "opaque value";
      case VALUE_NOT_SET -> "value without a type";
    };
  }
}
