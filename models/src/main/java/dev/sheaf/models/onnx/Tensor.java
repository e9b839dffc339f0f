package dev.sheaf.models.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * An array of elements of one type with a shape: what goes into a model and what comes out.
 *
 * <p>Rows are along the first dimension; the elements lie in row-major order. A shape of no
 * dimensions is a scalar; a dimension of 0 makes a tensor with no elements. A tensor takes at most
 * 2 GiB. It is immutable by agreement: the factories named {@code of} copy numbers, {@link
 * #ofBuffer} does not, and texts are never null.
 *
 * <pre>{@code
 * Tensor features = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3); // float[2,3]
 * Tensor age = Tensor.of(new long[] {31}); // int64[], a scalar
 * }</pre>
 */
public final class Tensor {
  private static final String[] NO_TEXTS = {};
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private final TensorType type;
  private final long[] shape;
  private final int elements;
  private final ByteBuffer bytes;
  private final String[] texts;

  private Tensor(TensorType type, long[] shape, int elements, ByteBuffer bytes, String[] texts) {
    this.type = type;
    this.shape = shape;
    this.elements = elements;
    this.bytes = bytes;
    this.texts = texts;
  }

  /** A tensor of 32-bit floats. */
  public static Tensor of(float[] values, long... shape) {
    ByteBuffer bytes = allocate(TensorType.FLOAT, values.length, shape);
    bytes.asFloatBuffer().put(values);
    return ofBuffer(TensorType.FLOAT, bytes, shape);
  }

  /** A tensor of 64-bit floats. */
  public static Tensor of(double[] values, long... shape) {
    ByteBuffer bytes = allocate(TensorType.DOUBLE, values.length, shape);
    bytes.asDoubleBuffer().put(values);
    return ofBuffer(TensorType.DOUBLE, bytes, shape);
  }

  /** A tensor of signed 64-bit integers. */
  public static Tensor of(long[] values, long... shape) {
    return ofBits(TensorType.INT64, values, shape);
  }

  /** A tensor of signed 32-bit integers. */
  public static Tensor of(int[] values, long... shape) {
    return ofBits(TensorType.INT32, values, shape);
  }

  /** A tensor of signed 16-bit integers. */
  public static Tensor of(short[] values, long... shape) {
    return ofBits(TensorType.INT16, values, shape);
  }

  /** A tensor of signed bytes. */
  public static Tensor of(byte[] values, long... shape) {
    return ofBits(TensorType.INT8, values, shape);
  }

  /** A tensor of truth values. */
  public static Tensor of(boolean[] values, long... shape) {
    ByteBuffer bytes = allocate(TensorType.BOOL, values.length, shape);
    for (int i = 0; i < values.length; i++) {
      bytes.put(i, (byte) (values[i] ? 1 : 0));
    }
    return ofBuffer(TensorType.BOOL, bytes, shape);
  }

  /**
   * A tensor of texts.
   *
   * @throws IllegalArgumentException if a text is null
   */
  public static Tensor of(@Nullable String[] values, long... shape) {
    check(TensorType.STRING, values.length, shape);
    String[] texts = new String[values.length];
    for (int i = 0; i < texts.length; i++) {
      String text = values[i];
      if (text == null) {
        throw new IllegalArgumentException(
            "cannot make a tensor of texts: element "
                + i
                + " is null, and a model takes no null; an empty text is one");
      }
      texts[i] = text;
    }
    return new Tensor(TensorType.STRING, shape.clone(), texts.length, NO_BYTES, texts);
  }

  /** A tensor of a type of 64 bits, signed or not, from its bits. */
  public static Tensor ofBits(TensorType type, long[] bits, long... shape) {
    ByteBuffer bytes = bits(type, Long.BYTES, bits.length, shape);
    bytes.asLongBuffer().put(bits);
    return ofBuffer(type, bytes, shape);
  }

  /** A tensor of a type of 32 bits from its bits. */
  public static Tensor ofBits(TensorType type, int[] bits, long... shape) {
    ByteBuffer bytes = bits(type, Integer.BYTES, bits.length, shape);
    bytes.asIntBuffer().put(bits);
    return ofBuffer(type, bytes, shape);
  }

  /** A tensor of a type of 16 bits, such as the halves, from its bits. */
  public static Tensor ofBits(TensorType type, short[] bits, long... shape) {
    ByteBuffer bytes = bits(type, Short.BYTES, bits.length, shape);
    bytes.asShortBuffer().put(bits);
    return ofBuffer(type, bytes, shape);
  }

  /** A tensor of a type of 8 bits from its bits. */
  public static Tensor ofBits(TensorType type, byte[] bits, long... shape) {
    ByteBuffer bytes = bits(type, Byte.BYTES, bits.length, shape);
    bytes.put(0, bits);
    return ofBuffer(type, bytes, shape);
  }

  /**
   * A tensor over a buffer, without copying: between its position and limit lie the elements in
   * this machine's byte order. A direct buffer goes into ONNX Runtime as it is; one in the heap is
   * copied once more.
   *
   * @throws IllegalArgumentException for text, or if the buffer's bytes do not make up the shape
   */
  public static Tensor ofBuffer(TensorType type, ByteBuffer buffer, long... shape) {
    if (type.isText()) {
      throw new IllegalArgumentException(
          "cannot make a tensor of texts over a buffer: valid is every other type");
    }
    int elements = Shapes.elements(shape, type.elementBytes());
    if (buffer.remaining() != elements * type.elementBytes()) {
      throw new IllegalArgumentException(
          "cannot make a tensor "
              + Shapes.describe(type, shape)
              + " over a buffer of "
              + buffer.remaining()
              + " bytes: it takes exactly "
              + elements * type.elementBytes());
    }
    return new Tensor(
        type, shape.clone(), elements, buffer.slice().order(ByteOrder.nativeOrder()), NO_TEXTS);
  }

  /**
   * A tensor of any type of numbers from doubles: floats are rounded to the nearest, whole numbers
   * must be whole and in the type's range, and of truth values 0 is false and 1 is true.
   *
   * @throws IllegalArgumentException for text, or if a value is not one of the type
   */
  public static Tensor from(TensorType type, double[] values, long... shape) {
    ByteBuffer bytes = allocate(type, values.length, shape);
    Conversions.fill(type, bytes, values);
    return ofBuffer(type, bytes, shape);
  }

  /**
   * A tensor of any type of numbers from longs, under the rules of the other {@code from}; for
   * {@link TensorType#UINT64} the values are 0 or more.
   *
   * @throws IllegalArgumentException for text, or if a value is not one of the type
   */
  public static Tensor from(TensorType type, long[] values, long... shape) {
    ByteBuffer bytes = allocate(type, values.length, shape);
    Conversions.fill(type, bytes, values);
    return ofBuffer(type, bytes, shape);
  }

  private static ByteBuffer bits(TensorType type, int width, int length, long[] shape) {
    if (type.elementBytes() != width || type == TensorType.BOOL) {
      throw new IllegalArgumentException(
          "cannot make a tensor of "
              + type
              + " from "
              + 8 * width
              + "-bit values: they are "
              + 8 * type.elementBytes()
              + " bits wide");
    }
    return allocate(type, length, shape);
  }

  private static ByteBuffer allocate(TensorType type, int length, long[] shape) {
    check(type, length, shape);
    return ByteBuffer.allocate(length * type.elementBytes()).order(ByteOrder.nativeOrder());
  }

  private static void check(TensorType type, int length, long[] shape) {
    int elements = Shapes.elements(shape, type.elementBytes());
    if (elements != length) {
      throw new IllegalArgumentException(
          "cannot make a tensor "
              + Shapes.describe(type, shape)
              + " from "
              + length
              + " values: it has "
              + elements
              + " elements");
    }
  }

  /** What the elements are. */
  public TensorType type() {
    return type;
  }

  /** The dimensions; empty for a scalar; a copy. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of dimensions; 0 for a scalar. */
  public int rank() {
    return shape.length;
  }

  /** The size of a dimension. */
  public long dimension(int axis) {
    return shape[axis];
  }

  /** The number of elements. */
  public int elements() {
    return elements;
  }

  /** The bytes of the elements; of text, two for each character. */
  public long byteSize() {
    if (!type.isText()) {
      return (long) elements * type.elementBytes();
    }
    long size = 0;
    for (String text : texts) {
      size += (long) Character.BYTES * text.length();
    }
    return size;
  }

  /**
   * The same elements in another shape, not copied.
   *
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public Tensor reshaped(long... newShape) {
    check(type, elements, newShape);
    return new Tensor(type, newShape.clone(), elements, bytes, texts);
  }

  /**
   * Some rows, not copied.
   *
   * @param from the first row
   * @param rows how many
   */
  public Tensor slice(int from, int rows) {
    if (shape.length == 0) {
      throw new IllegalArgumentException("cannot take rows of " + this + ": a scalar has none");
    }
    Objects.checkFromIndexSize(from, rows, (int) shape[0]);
    int perRow = elements == 0 ? 0 : (int) (elements / shape[0]);
    long[] newShape = shape.clone();
    newShape[0] = rows;
    if (type.isText()) {
      String[] some = Arrays.copyOfRange(texts, from * perRow, (from + rows) * perRow);
      return new Tensor(type, newShape, some.length, NO_BYTES, some);
    }
    int rowBytes = perRow * type.elementBytes();
    ByteBuffer some = bytes.slice(from * rowBytes, rows * rowBytes).order(ByteOrder.nativeOrder());
    return new Tensor(type, newShape, rows * perRow, some, NO_TEXTS);
  }

  /**
   * The rows of several tensors, one after another, as one; copied.
   *
   * @throws IllegalArgumentException if there is none, if their types or their other dimensions
   *     differ, or if one is a scalar
   */
  public static Tensor concat(List<Tensor> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("cannot put together 0 tensors: one or more are needed");
    }
    Tensor first = parts.get(0);
    long rows = 0;
    for (Tensor part : parts) {
      if (part.type != first.type
          || part.shape.length == 0
          || part.shape.length != first.shape.length
          || !Arrays.equals(part.shape, 1, part.shape.length, first.shape, 1, first.shape.length)) {
        throw new IllegalArgumentException(
            "cannot put together "
                + Shapes.describe(first.type, first.shape)
                + " and "
                + Shapes.describe(part.type, part.shape)
                + ": types and all dimensions but the first must be equal");
      }
      rows += part.shape[0];
    }
    long[] shape = first.shape.clone();
    shape[0] = rows;
    int elements = Shapes.elements(shape, first.type.elementBytes());
    if (first.type.isText()) {
      String[] texts = new String[elements];
      int at = 0;
      for (Tensor part : parts) {
        System.arraycopy(part.texts, 0, texts, at, part.texts.length);
        at += part.texts.length;
      }
      return new Tensor(first.type, shape, elements, NO_BYTES, texts);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(elements * first.type.elementBytes()).order(ByteOrder.nativeOrder());
    for (Tensor part : parts) {
      bytes.put(part.bytes.duplicate());
    }
    return new Tensor(first.type, shape, elements, bytes.rewind(), NO_TEXTS);
  }

  /** The elements in this machine's byte order, to be read only; not of text. */
  public ByteBuffer bytes() {
    if (type.isText()) {
      throw wrong("bytes", "every type but STRING");
    }
    return bytes.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
  }

  /** The elements without a copy, for reading and for ONNX Runtime. */
  ByteBuffer buffer() {
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  /** The texts without a copy. */
  String[] texts() {
    return texts;
  }

  /** The elements of FLOAT, FLOAT16 or BFLOAT16, exactly; a copy. */
  public float[] floats() {
    float[] values = new float[elements];
    switch (type) {
      case FLOAT -> bytes.asFloatBuffer().get(values);
      case FLOAT16 -> {
        for (int i = 0; i < elements; i++) {
          values[i] = HalfFloats.fromHalf(bytes.getShort(i * Short.BYTES));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < elements; i++) {
          values[i] = HalfFloats.fromBfloat(bytes.getShort(i * Short.BYTES));
        }
      }
      default -> throw wrong("floats", "FLOAT, FLOAT16, BFLOAT16");
    }
    return values;
  }

  /** The elements of any type of floats, or of integers of up to 32 bits, exactly; a copy. */
  public double[] doubles() {
    double[] values = new double[elements];
    if (type == TensorType.DOUBLE) {
      bytes.asDoubleBuffer().get(values);
      return values;
    }
    IntToDoubleFunction read =
        switch (type) {
          case FLOAT -> i -> bytes.getFloat(i * Float.BYTES);
          case FLOAT16 -> i -> HalfFloats.fromHalf(bytes.getShort(i * Short.BYTES));
          case BFLOAT16 -> i -> HalfFloats.fromBfloat(bytes.getShort(i * Short.BYTES));
          case INT8, INT16, INT32, UINT8, UINT16, UINT32 -> this::whole;
          default -> throw wrong("doubles", "the floats and the integers of up to 32 bits");
        };
    for (int i = 0; i < elements; i++) {
      values[i] = read.applyAsDouble(i);
    }
    return values;
  }

  /** The elements of any type of integers; of UINT64 the bits; a copy. */
  public long[] longs() {
    long[] values = new long[elements];
    if (!type.isInteger()) {
      throw wrong("longs", "the integers");
    }
    for (int i = 0; i < elements; i++) {
      values[i] = whole(i);
    }
    return values;
  }

  /** The elements of INT8, INT16, INT32, UINT8 or UINT16; a copy. */
  public int[] ints() {
    int[] values = new int[elements];
    switch (type) {
      case INT8, INT16, INT32, UINT8, UINT16 -> {
        for (int i = 0; i < elements; i++) {
          values[i] = (int) whole(i);
        }
      }
      default -> throw wrong("ints", "INT8, INT16, INT32, UINT8, UINT16");
    }
    return values;
  }

  /** The elements of BOOL; a copy. */
  public boolean[] booleans() {
    if (type != TensorType.BOOL) {
      throw wrong("booleans", "BOOL");
    }
    boolean[] values = new boolean[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = bytes.get(i) != 0;
    }
    return values;
  }

  /** The elements of STRING; a copy. */
  public String[] strings() {
    if (!type.isText()) {
      throw wrong("strings", "STRING");
    }
    return texts.clone();
  }

  private long whole(int i) {
    return switch (type) {
      case INT8 -> bytes.get(i);
      case UINT8 -> Byte.toUnsignedLong(bytes.get(i));
      case INT16 -> bytes.getShort(i * Short.BYTES);
      case UINT16 -> Short.toUnsignedLong(bytes.getShort(i * Short.BYTES));
      case INT32 -> bytes.getInt(i * Integer.BYTES);
      case UINT32 -> Integer.toUnsignedLong(bytes.getInt(i * Integer.BYTES));
      default -> bytes.getLong(i * Long.BYTES);
    };
  }

  private IllegalStateException wrong(String wanted, String valid) {
    return new IllegalStateException(
        "cannot read " + this + " as " + wanted + ": valid are " + valid);
  }

  /** Equal are tensors of one type, one shape and the same bits or texts. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && bytes.equals(that.bytes)
        && Arrays.equals(texts, that.texts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, Arrays.hashCode(shape), bytes, Arrays.hashCode(texts));
  }

  /** The type and the shape, such as {@code float[2,3]}. */
  @Override
  public String toString() {
    return Shapes.describe(type, shape);
  }
}
