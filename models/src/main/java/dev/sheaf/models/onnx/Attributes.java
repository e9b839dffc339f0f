package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Attributes of ONNX nodes. */
public final class Attributes {
  private Attributes() {}

  /** A whole number. */
  public static AttributeProto of(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  /** Whole numbers. */
  public static AttributeProto of(String name, long[] values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** Whole numbers. */
  public static AttributeProto of(String name, int[] values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (int value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** A tensor of floats with one dimension. */
  public static AttributeProto of(String name, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return tensor(name, TensorProto.DataType.FLOAT, values.length, ByteString.copyFrom(bytes));
  }

  /** A tensor of doubles with one dimension. */
  public static AttributeProto of(String name, double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return tensor(name, TensorProto.DataType.DOUBLE, values.length, ByteString.copyFrom(bytes));
  }

  /** A tensor of texts with one dimension, each given as its bytes in UTF-8. */
  public static AttributeProto ofTexts(String name, List<byte[]> values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.STRING.getNumber())
            .addDims(values.size());
    values.forEach(value -> tensor.addStringData(ByteString.copyFrom(value)));
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(tensor)
        .build();
  }

  /** A tensor of unsigned bytes with one dimension. */
  public static AttributeProto of(String name, byte[] values) {
    return tensor(name, TensorProto.DataType.UINT8, values.length, ByteString.copyFrom(values));
  }

  private static AttributeProto tensor(
      String name, TensorProto.DataType type, int length, ByteString bytes) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(
            TensorProto.newBuilder()
                .setDataType(type.getNumber())
                .addDims(length)
                .setRawData(bytes))
        .build();
  }
}
