package dev.sheaf.models.onnx;

/**
 * The 16-bit floats as 32-bit ones and back.
 *
 * <p>Both ways as IEEE 754 has it: subnormals, infinities and NaN kept, narrowing to the nearest
 * with ties to even.
 */
final class HalfFloats {
  private static final int FRACTION = 23;
  private static final int HALF_FRACTION = 10;
  private static final int DROPPED = FRACTION - HALF_FRACTION;
  private static final int BIAS_DIFFERENCE = 127 - 15;

  private HalfFloats() {}

  static float fromHalf(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> HALF_FRACTION) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (fraction << DROPPED));
    }
    return Float.intBitsToFloat(
        sign | ((exponent + BIAS_DIFFERENCE) << FRACTION) | (fraction << DROPPED));
  }

  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00 | ((bits & 0x7fffff) >> DROPPED));
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // A multiple of 2^-24; the sum has that as its last place and rounds as IEEE 754 does.
      float shifted = Math.abs(value) + 0x1p-1f;
      return (short) (sign | (Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(0x1p-1f)));
    }
    int odd = (magnitude >> DROPPED) & 1;
    int rounded = magnitude - (BIAS_DIFFERENCE << FRACTION) + 0xfff + odd;
    return (short) (sign | (rounded >> DROPPED));
  }

  static float fromBfloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
}
