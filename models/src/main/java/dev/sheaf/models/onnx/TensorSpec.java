package dev.sheaf.models.onnx;

import java.util.Arrays;
import java.util.Locale;

/**
 * An input or output tensor as a model declares it.
 *
 * @param name the name in the graph
 * @param type the type of the elements
 * @param shape the dimensions, with {@link #DYNAMIC} for those that the graph leaves open
 * @param optional whether a call may leave it out
 * @param ranked false if the model leaves the whole shape open; it is empty then
 */
// The array is copied both ways, and equality is written out.
@SuppressWarnings("ArrayRecordComponent")
public record TensorSpec(
    String name, TensorType type, long[] shape, boolean optional, boolean ranked) {
  /** A dimension of any size. */
  public static final long DYNAMIC = -1;

  /** Copies the shape. */
  public TensorSpec {
    shape = shape.clone();
  }

  /** A tensor that the model declares with its dimensions. */
  public TensorSpec(String name, TensorType type, long[] shape, boolean optional) {
    this(name, type, shape, optional, true);
  }

  /** The dimensions, with {@link #DYNAMIC} for those that the graph leaves open; a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The number of dimensions; 0 for a scalar, and where the model leaves the shape open. */
  public int rank() {
    return shape.length;
  }

  /** The size of a dimension, or {@link #DYNAMIC}. */
  public long dimension(int axis) {
    return shape[axis];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorSpec that
        && name.equals(that.name)
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && optional == that.optional
        && ranked == that.ranked;
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(shape);
  }

  /** Such as {@code features float[N,4]}. */
  @Override
  public String toString() {
    return name
        + " "
        + (ranked ? Shapes.describe(type, shape) : type.name().toLowerCase(Locale.ROOT) + "[...]")
        + (optional ? " (optional)" : "");
  }
}
