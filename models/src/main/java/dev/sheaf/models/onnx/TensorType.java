package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the elements of a {@link Tensor} are: every type that ONNX Runtime's Java interface reads
 * and writes.
 *
 * <p>Not among them, and refused by name where a model's input or output has one: the 4-bit types,
 * the 8-bit floats and the complex numbers.
 */
public enum TensorType {
  /** A 32-bit float. */
  FLOAT(Float.BYTES, OnnxJavaType.FLOAT),
  /** A 64-bit float. */
  DOUBLE(Double.BYTES, OnnxJavaType.DOUBLE),
  /** An IEEE 754 half: 10 bits of fraction, 5 of exponent. */
  FLOAT16(Short.BYTES, OnnxJavaType.FLOAT16),
  /** The upper half of a 32-bit float. */
  BFLOAT16(Short.BYTES, OnnxJavaType.BFLOAT16),
  /** A signed byte. */
  INT8(Byte.BYTES, OnnxJavaType.INT8),
  /** A signed 16-bit integer. */
  INT16(Short.BYTES, OnnxJavaType.INT16),
  /** A signed 32-bit integer. */
  INT32(Integer.BYTES, OnnxJavaType.INT32),
  /** A signed 64-bit integer. */
  INT64(Long.BYTES, OnnxJavaType.INT64),
  /** An unsigned byte. */
  UINT8(Byte.BYTES, OnnxJavaType.UINT8),
  /** An unsigned 16-bit integer. */
  UINT16(Short.BYTES, OnnxJavaType.INT16),
  /** An unsigned 32-bit integer. */
  UINT32(Integer.BYTES, OnnxJavaType.INT32),
  /** An unsigned 64-bit integer. */
  UINT64(Long.BYTES, OnnxJavaType.INT64),
  /** True or false, a byte each. */
  BOOL(Byte.BYTES, OnnxJavaType.BOOL),
  /** A text. */
  STRING(0, OnnxJavaType.STRING);

  private final int elementBytes;
  private final OnnxJavaType javaType;

  TensorType(int elementBytes, OnnxJavaType javaType) {
    this.elementBytes = elementBytes;
    this.javaType = javaType;
  }

  /** The bytes of an element; 0 for text, whose elements differ in size. */
  public int elementBytes() {
    return elementBytes;
  }

  /** Whether elements are text. */
  public boolean isText() {
    return this == STRING;
  }

  /** Whether elements are floating-point numbers, of any width. */
  public boolean isFloat() {
    return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
  }

  /** Whether elements are whole numbers, signed or not. */
  public boolean isInteger() {
    return !isText() && !isFloat() && this != BOOL;
  }

  /** Whether elements are whole numbers without a sign. */
  public boolean isUnsigned() {
    return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
  }

  /** The type that ONNX Runtime's Java interface takes the same bits as. */
  OnnxJavaType javaType() {
    return javaType;
  }

  /** The signed type of the same width where Java's interface cannot name this one in an input. */
  TensorType asInput() {
    return switch (this) {
      case UINT16 -> INT16;
      case UINT32 -> INT32;
      case UINT64 -> INT64;
      default -> this;
    };
  }

  /** The number of this type in an ONNX file. */
  int protoNumber() {
    return TensorProto.DataType.valueOf(name()).getNumber();
  }

  static Optional<TensorType> ofProtoNumber(int number) {
    return Arrays.stream(values()).filter(type -> type.protoNumber() == number).findFirst();
  }

  static Optional<TensorType> of(OnnxTensorType type) {
    String name = type.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    return Arrays.stream(values()).filter(value -> value.name().equals(name)).findFirst();
  }

  static TensorType of(TensorInfo info) {
    return of(info.onnxType)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "cannot read a tensor of "
                        + info.onnxType
                        + ": ONNX Runtime's Java interface has no such type; valid are "
                        + Arrays.toString(values())));
  }
}
