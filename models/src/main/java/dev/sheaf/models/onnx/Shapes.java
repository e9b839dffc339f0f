package dev.sheaf.models.onnx;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Arithmetic on the dimensions of tensors. */
final class Shapes {
  private Shapes() {}

  /**
   * The number of elements.
   *
   * @throws IllegalArgumentException if a dimension is negative, or if a Java array cannot hold it
   */
  static int elements(long[] shape, int elementBytes) {
    long elements = 1;
    boolean empty = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "cannot make a tensor of the shape "
                + Arrays.toString(shape)
                + ": a dimension is 0 or more, found "
                + dimension);
      }
      empty |= dimension == 0;
    }
    if (empty) {
      return 0;
    }
    for (long dimension : shape) {
      if (dimension > Integer.MAX_VALUE / elements) {
        throw tooLarge(shape);
      }
      elements *= dimension;
    }
    if (elements * Math.max(1, elementBytes) > Integer.MAX_VALUE) {
      throw tooLarge(shape);
    }
    return (int) elements;
  }

  private static IllegalArgumentException tooLarge(long[] shape) {
    return new IllegalArgumentException(
        "cannot make a tensor of the shape "
            + Arrays.toString(shape)
            + ": a tensor takes at most "
            + Integer.MAX_VALUE
            + " bytes");
  }

  /** Such as {@code float[N,4]}. */
  static String describe(TensorType type, long[] shape) {
    return type.name().toLowerCase(Locale.ROOT)
        + Arrays.stream(shape)
            .mapToObj(dimension -> dimension < 0 ? "N" : Long.toString(dimension))
            .collect(Collectors.joining(",", "[", "]"));
  }
}
