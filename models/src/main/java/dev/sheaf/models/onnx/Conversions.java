package dev.sheaf.models.onnx;

import java.nio.ByteBuffer;

/** Numbers as elements of a tensor's type, none of them changed beyond rounding to a float. */
final class Conversions {
  private static final double TWO_POW_63 = 0x1p63;

  private Conversions() {}

  static void fill(TensorType type, ByteBuffer bytes, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (type.isFloat()) {
        put(type, bytes, i, values[i]);
      } else {
        put(type, bytes, i, whole(type, i, values[i]));
      }
    }
  }

  static void fill(TensorType type, ByteBuffer bytes, long[] values) {
    for (int i = 0; i < values.length; i++) {
      if (type.isFloat()) {
        put(type, bytes, i, (double) values[i]);
      } else {
        check(type, i, values[i]);
        put(type, bytes, i, values[i]);
      }
    }
  }

  private static long whole(TensorType type, int i, double value) {
    double most = type == TensorType.UINT64 ? 2 * TWO_POW_63 : TWO_POW_63;
    if (value != Math.rint(value) || value < -TWO_POW_63 || value >= most) {
      throw refused(type, i, Double.toString(value));
    }
    if (value >= TWO_POW_63) {
      return (long) (value - TWO_POW_63) + Long.MIN_VALUE;
    }
    check(type, i, (long) value);
    return (long) value;
  }

  private static void check(TensorType type, int i, long value) {
    int bits = 8 * type.elementBytes();
    boolean fits =
        switch (type) {
          case BOOL -> value == 0 || value == 1;
          case UINT8, UINT16, UINT32 -> value >= 0 && value >> bits == 0;
          case UINT64 -> value >= 0;
          case INT8, INT16, INT32 -> value == (value << (64 - bits)) >> (64 - bits);
          case INT64 -> true;
          default -> false;
        };
    if (!fits) {
      throw refused(type, i, Long.toString(value));
    }
  }

  private static IllegalArgumentException refused(TensorType type, int i, String value) {
    return new IllegalArgumentException(
        "cannot make a tensor of "
            + type
            + " from "
            + value
            + " at element "
            + i
            + ": valid are "
            + switch (type) {
              case STRING -> "texts alone";
              case BOOL -> "0 and 1";
              default ->
                  "whole numbers of "
                      + 8 * type.elementBytes()
                      + (type.isUnsigned() ? " bits without a sign" : " bits with a sign");
            });
  }

  private static void put(TensorType type, ByteBuffer bytes, int i, double value) {
    switch (type) {
      case FLOAT -> bytes.putFloat(i * Float.BYTES, (float) value);
      case FLOAT16 -> bytes.putShort(i * Short.BYTES, HalfFloats.toHalf((float) value));
      case BFLOAT16 -> bytes.putShort(i * Short.BYTES, HalfFloats.toBfloat((float) value));
      default -> bytes.putDouble(i * Double.BYTES, value);
    }
  }

  private static void put(TensorType type, ByteBuffer bytes, int i, long value) {
    switch (type.elementBytes()) {
      case Byte.BYTES -> bytes.put(i, (byte) value);
      case Short.BYTES -> bytes.putShort(i * Short.BYTES, (short) value);
      case Integer.BYTES -> bytes.putInt(i * Integer.BYTES, (int) value);
      default -> bytes.putLong(i * Long.BYTES, value);
    }
  }
}
