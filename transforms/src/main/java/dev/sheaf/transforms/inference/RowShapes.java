package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSpec;
import java.util.Arrays;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.jspecify.annotations.Nullable;

/** The dimensions that one row's elements have in the input of a model. */
final class RowShapes {
  private RowShapes() {}

  /**
   * For some columns of one value each.
   *
   * @throws IllegalArgumentException if the input does not take as many
   */
  static long[] of(TensorSpec spec, int columns) {
    if (!spec.ranked()) {
      return new long[] {columns};
    }
    requireRows(spec);
    long[] declared = Arrays.copyOfRange(spec.shape(), 1, spec.rank());
    if (columns == 1 && Arrays.stream(declared).allMatch(size -> size == 1 || size < 0)) {
      Arrays.fill(declared, 1);
      return declared;
    }
    long[] closed = closed(declared, columns);
    if (closed == null) {
      throw new IllegalArgumentException(
          "cannot read the input '"
              + spec
              + "' off "
              + columns
              + (columns == 1 ? " column" : " columns")
              + ": a row has the shape "
              + Arrays.toString(declared)
              + "; name as many columns with withInput, or one of arrays with withArrayInput");
    }
    return closed;
  }

  /**
   * For a column of arrays.
   *
   * @param told the shape as the user tells it, if so
   * @throws IllegalArgumentException if more than one dimension is open, or the input has another
   */
  static long[] ofArray(TensorSpec spec, long @Nullable [] told) {
    if (spec.ranked()) {
      requireRows(spec);
    }
    long[] declared =
        spec.ranked() ? Arrays.copyOfRange(spec.shape(), 1, spec.rank()) : new long[] {-1};
    long[] shape = told == null ? declared : told;
    boolean fits = !spec.ranked() || shape.length == declared.length;
    for (int i = 0; fits && spec.ranked() && i < shape.length; i++) {
      fits = shape[i] == declared[i] || shape[i] < 0 || declared[i] < 0;
    }
    if (!fits || Arrays.stream(shape).filter(size -> size < 0).count() > 1) {
      throw new IllegalArgumentException(
          "cannot read the input '"
              + spec
              + "' off arrays of the shape "
              + Arrays.toString(shape)
              + ": the shape of a row is needed, with at most one open dimension (-1); give it with"
              + " withArrayInput");
    }
    return shape.clone();
  }

  private static void requireRows(TensorSpec spec) {
    if (spec.rank() == 0) {
      throw new IllegalArgumentException(
          "cannot read the input '"
              + spec
              + "' off rows: it is a scalar and has no dimension for them; give it with"
              + " withConstantInput");
    }
  }

  /** The shape with its open dimension as the number of elements makes it; null if none fits. */
  static long @Nullable [] closed(long[] shape, long elements) {
    long known = 1;
    int open = -1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] >= 0) {
        known *= shape[i];
      } else if (open < 0) {
        open = i;
      } else {
        return null;
      }
    }
    if (open < 0) {
      return known == elements ? shape : null;
    }
    if (known == 0 ? elements != 0 : elements % known != 0) {
      return null;
    }
    long[] closed = shape.clone();
    closed[open] = known == 0 ? 0 : elements / known;
    return closed;
  }

  /** Whether a column holds many values in each row. */
  static boolean isArray(FieldType type) {
    return switch (type.getTypeName()) {
      case ARRAY, ITERABLE, BYTES -> true;
      default -> false;
    };
  }

  /** What the arrays of a column hold, however deep; any other type is its own. */
  static FieldType elementType(FieldType type) {
    FieldType element = type;
    for (FieldType inner = type; inner != null; inner = inner.getCollectionElementType()) {
      element = inner;
    }
    return element;
  }
}
