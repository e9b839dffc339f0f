package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.jspecify.annotations.Nullable;

/** Takes the values of some columns out of one output of a model. */
final class OutputColumns {
  private final String output;
  private final List<FieldType> types;

  /**
   * Columns of one output: one of any type, or several, one for each element of a row.
   *
   * @param output its name in the model
   */
  OutputColumns(String output, List<FieldType> types) {
    this.output = output;
    this.types = List.copyOf(types);
  }

  String output() {
    return output;
  }

  /** How many columns there are. */
  int width() {
    return types.size();
  }

  /** The values of the columns, row by row. */
  interface Values {
    /** Writes those of a row, from a place on. */
    void write(@Nullable Object[] columns, int from, int row) throws BadRowException;
  }

  /** The values in an output that has as many rows. */
  Values of(OnnxOutput value, int rows) {
    if (value instanceof OnnxOutput.OfTensor tensor) {
      return ofTensor(tensor.tensor(), rows);
    } else if (value instanceof OnnxOutput.OfSequence sequence) {
      FieldType type = types.get(0);
      return (columns, from, row) -> columns[from] = ofElement(sequence.elements().get(row), type);
    }
    throw wrong(value);
  }

  private Values ofTensor(Tensor tensor, int rows) {
    TensorElements elements = TensorElements.of(tensor);
    int width = rows == 0 ? 0 : tensor.elements() / rows;
    if (types.size() > 1) {
      if (width != types.size()) {
        throw wrong(new OnnxOutput.OfTensor(tensor));
      }
      return (columns, from, row) -> {
        for (int c = 0; c < width; c++) {
          columns[from + c] = elements.get(row * width + c, types.get(c));
        }
      };
    }
    FieldType type = types.get(0);
    if (type.getTypeName() == TypeName.ARRAY) {
      long[] dimensions = Arrays.copyOfRange(tensor.shape(), 1, tensor.rank());
      return (columns, from, row) ->
          columns[from] = array(elements, row * width, dimensions, 0, type);
    }
    if (width != 1) {
      throw wrong(new OnnxOutput.OfTensor(tensor));
    }
    return (columns, from, row) -> columns[from] = elements.get(row, type);
  }

  /** Nested lists, as deep as there are dimensions. */
  private static Object array(
      TensorElements elements, int from, long[] dimensions, int axis, FieldType type) {
    FieldType inner = type.getCollectionElementType();
    if (axis == dimensions.length || inner == null) {
      return elements.get(from, type);
    }
    int size = (int) dimensions[axis];
    int step = 1;
    for (int i = axis + 1; i < dimensions.length; i++) {
      step *= (int) dimensions[i];
    }
    List<Object> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(array(elements, from + i * step, dimensions, axis + 1, inner));
    }
    return list;
  }

  private Object ofElement(OnnxOutput element, FieldType type) {
    if (element instanceof OnnxOutput.OfMap map && type.getTypeName() == TypeName.MAP) {
      Map<Object, Object> values = new LinkedHashMap<>();
      map.entries()
          .forEach(
              (key, value) ->
                  values.put(of(key, type.getMapKeyType()), of(value, type.getMapValueType())));
      return values;
    } else if (element instanceof OnnxOutput.OfTensor tensor) {
      TensorElements elements = TensorElements.of(tensor.tensor());
      return type.getTypeName() == TypeName.ARRAY
          ? array(elements, 0, tensor.tensor().shape(), 0, type)
          : elements.get(0, type);
    }
    throw wrong(element);
  }

  private Object of(Object value, @Nullable FieldType type) {
    if (type == null) {
      throw new IllegalStateException("a map column without types");
    }
    return TensorElements.convert(value, type);
  }

  private IllegalArgumentException wrong(OnnxOutput found) {
    return new IllegalArgumentException(
        "the output '"
            + output
            + "' does not go into "
            + (types.size() > 1 ? types.size() + " columns" : "a column of " + types.get(0))
            + ": found "
            + found);
  }
}
