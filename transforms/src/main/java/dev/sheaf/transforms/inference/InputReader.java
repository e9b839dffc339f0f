package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSpec;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Reads one input of a model off rows, and makes a tensor of what was read off many. */
final class InputReader {
  private final TensorSpec spec;
  private final int[] columns;
  private final List<ColumnReader> readers;
  private final boolean array;
  private final @Nullable Tensor constant;

  /** The dimensions of a row's elements; one may be open where they come as an array. */
  private final long[] rowShape;

  private InputReader(
      TensorSpec spec,
      int[] columns,
      List<ColumnReader> readers,
      boolean array,
      long[] rowShape,
      @Nullable Tensor constant) {
    this.spec = spec;
    this.columns = columns;
    this.readers = List.copyOf(readers);
    this.array = array;
    this.rowShape = rowShape;
    this.constant = constant;
  }

  /** What was read off a row: an array of elements, and their dimensions. */
  record Elements(Object values, List<Long> shape) {}

  /** A tensor that is the same for each row. */
  static InputReader constant(TensorSpec spec, Tensor value) {
    boolean fits =
        value.type() == spec.type()
            && (!spec.ranked() || value.rank() == spec.rank())
            && (value.rank() == 0 || value.dimension(0) == 1);
    if (!fits) {
      throw new IllegalArgumentException(
          "withConstantInput: cannot give "
              + value
              + " as the input "
              + spec
              + ": its type and rank are needed, and a first dimension of 1");
    }
    return new InputReader(spec, new int[0], List.of(), false, new long[0], value);
  }

  /**
   * Columns of one value each; {@code rowShape} as the input has it.
   *
   * @throws IllegalArgumentException if they are not as many as the input needs, or of other types
   */
  static InputReader columns(
      TensorSpec spec, List<String> names, Schema schema, ColumnReader.Converting converting) {
    int[] columns = names.stream().mapToInt(schema::indexOf).toArray();
    List<ColumnReader> readers =
        names.stream()
            .map(
                name ->
                    ColumnReader.of(
                        spec.name(),
                        spec.type(),
                        name,
                        schema.getField(name).getType(),
                        converting))
            .toList();
    long[] rowShape = RowShapes.of(spec, names.size());
    return new InputReader(spec, columns, readers, false, rowShape, null);
  }

  /**
   * A column of arrays.
   *
   * @param shape of a row's elements with at most one open dimension; null for the input's
   */
  static InputReader array(
      TensorSpec spec,
      String name,
      long @Nullable [] shape,
      Schema schema,
      ColumnReader.Converting converting) {
    Schema.FieldType element = RowShapes.elementType(schema.getField(name).getType());
    ColumnReader reader = ColumnReader.of(spec.name(), spec.type(), name, element, converting);
    return new InputReader(
        spec,
        new int[] {schema.indexOf(name)},
        List.of(reader),
        true,
        RowShapes.ofArray(spec, shape),
        null);
  }

  String input() {
    return spec.name();
  }

  /** Whether it reads arrays, which may have other lengths in other rows. */
  boolean isArray() {
    return array;
  }

  /** The elements of a row; nothing for a constant. */
  Elements read(Row row) throws BadRowException {
    if (constant != null) {
      return new Elements(new long[0], List.of());
    }
    if (array) {
      return readArray(row.getValue(columns[0]), readers.get(0));
    }
    Object values = readers.get(0).array(columns.length);
    for (int c = 0; c < columns.length; c++) {
      readers.get(c).read(row.getValue(columns[c]), values, c);
    }
    return new Elements(values, List.of());
  }

  private Elements readArray(@Nullable Object value, ColumnReader reader) throws BadRowException {
    if (value == null) {
      throw new BadRowException(
          "the array of the input " + spec + " is NULL; an empty array is one");
    }
    int count = ColumnReader.count(value);
    long[] shape = RowShapes.closed(rowShape, count);
    if (shape == null) {
      throw new BadRowException(
          "the array of the input "
              + spec
              + " has "
              + count
              + " elements, and a row's shape is "
              + Arrays.toString(rowShape));
    }
    Object values = reader.array(count);
    reader.readAll(value, values, 0);
    return new Elements(values, Arrays.stream(shape).boxed().toList());
  }

  /**
   * The tensor of rows whose elements have one shape.
   *
   * @param rows of each what was read for every input
   * @param input the place of this one among them
   */
  Tensor tensor(List<Elements[]> rows, int input) {
    if (constant != null) {
      return constant.rank() == 0
          ? constant
          : Tensor.concat(java.util.Collections.nCopies(rows.size(), constant));
    }
    Elements first = rows.get(0)[input];
    long[] own = array ? first.shape().stream().mapToLong(Long::longValue).toArray() : rowShape;
    long[] shape = new long[own.length + 1];
    shape[0] = rows.size();
    System.arraycopy(own, 0, shape, 1, own.length);
    int width = java.lang.reflect.Array.getLength(first.values());
    if (spec.type().isText()) {
      String[] all = new String[width * rows.size()];
      copy(rows, input, width, all);
      return Tensor.of(all, shape);
    } else if (spec.type().isFloat()) {
      double[] all = new double[width * rows.size()];
      copy(rows, input, width, all);
      return Tensor.from(spec.type(), all, shape);
    }
    long[] all = new long[width * rows.size()];
    copy(rows, input, width, all);
    return Tensor.from(spec.type(), all, shape);
  }

  @SuppressWarnings("SuspiciousSystemArraycopy") // The reader made both of one type.
  private static void copy(List<Elements[]> rows, int input, int width, Object into) {
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i)[input].values(), 0, into, i * width, width);
    }
  }

  /** The bytes of a row's elements. */
  long byteSize(Elements elements) {
    if (elements.values() instanceof String[] texts) {
      long bytes = 0;
      for (String text : texts) {
        bytes += (long) Character.BYTES * text.length();
      }
      return bytes;
    }
    return (long) java.lang.reflect.Array.getLength(elements.values()) * spec.type().elementBytes();
  }
}
