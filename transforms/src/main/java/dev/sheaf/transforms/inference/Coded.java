package dev.sheaf.transforms.inference;

import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.util.CoderUtils;

/** Values as bytes, for what is not serializable itself. */
final class Coded {
  private Coded() {}

  static <T> byte[] toBytes(Coder<T> coder, T value) {
    try {
      return CoderUtils.encodeToByteArray(coder, value);
    } catch (CoderException e) {
      throw new IllegalArgumentException("cannot write " + value + ": " + e.getMessage(), e);
    }
  }

  static <T> T fromBytes(Coder<T> coder, byte[] bytes) {
    try {
      return CoderUtils.decodeFromByteArray(coder, bytes);
    } catch (CoderException e) {
      throw new IllegalStateException("cannot read what was written: " + e.getMessage(), e);
    }
  }
}
