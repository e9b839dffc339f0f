package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;

/**
 * An input or output of a graph: a tensor {@code [N, columns]} whose {@code N} is the batch.
 *
 * @param name unique within the graph
 * @param type the elements' type
 * @param columns the second dimension
 */
public record OnnxValue(String name, Type type, int columns) {
  private static final String BATCH = "N";

  /** The types of elements. */
  public enum Type {
    /** 32 bits. */
    FLOAT(TensorProto.DataType.FLOAT),
    /** 64 bits. */
    DOUBLE(TensorProto.DataType.DOUBLE),
    /** Signed, 64 bits. */
    INT64(TensorProto.DataType.INT64),
    /** Text. */
    STRING(TensorProto.DataType.STRING);

    private final TensorProto.DataType dataType;

    Type(TensorProto.DataType dataType) {
      this.dataType = dataType;
    }

    /** ONNX's number for the type, as the attribute {@code to} of Cast has it. */
    public int number() {
      return dataType.getNumber();
    }
  }

  public OnnxValue {
    if (name.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "cannot declare a value named '" + name + "' with " + columns + " columns");
    }
  }

  ValueInfoProto toProto() {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.number()).setShape(shape)))
        .build();
  }
}
