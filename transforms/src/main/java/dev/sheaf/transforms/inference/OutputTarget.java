package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSpec;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The columns that an output of a model goes into, as the user tells.
 *
 * @param output its name in the model
 * @param columns one, or one for each element of a row
 * @param type of the columns; null for what the model tells
 */
record OutputTarget(String output, List<String> columns, @Nullable FieldType type)
    implements Serializable {
  OutputTarget {
    columns = List.copyOf(columns);
  }

  /**
   * The type of each column.
   *
   * @param spec what the model declares; empty for sequences and maps
   * @throws IllegalArgumentException if the output does not go into the columns
   */
  FieldType typeFor(Optional<TensorSpec> spec) {
    if (spec.isEmpty()) {
      return told("it is a sequence or a map");
    }
    TensorSpec tensor = spec.get();
    if (!tensor.ranked()) {
      return told("the model does not tell its dimensions");
    }
    FieldType natural = columns.size() > 1 ? elements(tensor) : natural(tensor);
    if (type == null) {
      return natural;
    }
    check(type, natural, tensor);
    return type;
  }

  private FieldType told(String reason) {
    if (type == null) {
      throw new IllegalArgumentException(
          "cannot make a column of the output '"
              + output
              + "': "
              + reason
              + "; name its type, such as withOutput(\""
              + output
              + "\", \""
              + columns.get(0)
              + "\", FieldType.map(FieldType.STRING, FieldType.FLOAT))");
    }
    return type;
  }

  private static FieldType natural(TensorSpec tensor) {
    FieldType field = scalar(tensor);
    boolean single = tensor.rank() == 1 || (tensor.rank() == 2 && tensor.dimension(1) == 1);
    for (int axis = 1; !single && axis < tensor.rank(); axis++) {
      field = FieldType.array(field);
    }
    if (tensor.rank() == 0) {
      throw new IllegalArgumentException(
          "cannot make a column of the output '" + tensor + "': it has no dimension for rows");
    }
    return field;
  }

  private FieldType elements(TensorSpec tensor) {
    long width = 1;
    for (int axis = 1; axis < tensor.rank(); axis++) {
      width = tensor.dimension(axis) < 0 ? -1 : width * tensor.dimension(axis);
    }
    if (tensor.rank() < 2 || (width >= 0 && width != columns.size())) {
      throw new IllegalArgumentException(
          "withOutputs: cannot make the columns "
              + columns
              + " of the output '"
              + tensor
              + "': as many columns as a row has elements are needed");
    }
    return scalar(tensor);
  }

  private static FieldType scalar(TensorSpec tensor) {
    return FieldType.of(TensorElements.columnsFor(tensor.type()).iterator().next());
  }

  private void check(FieldType wanted, FieldType natural, TensorSpec tensor) {
    FieldType innerWanted = wanted;
    FieldType innerNatural = natural;
    while (innerWanted.getTypeName() == TypeName.ARRAY
        && innerNatural.getTypeName() == TypeName.ARRAY
        && innerWanted.getCollectionElementType() != null
        && innerNatural.getCollectionElementType() != null) {
      innerWanted = innerWanted.getCollectionElementType();
      innerNatural = innerNatural.getCollectionElementType();
    }
    boolean sameDepth = innerNatural.getTypeName() != TypeName.ARRAY;
    if (!sameDepth
        || !TensorElements.columnsFor(tensor.type()).contains(innerWanted.getTypeName())) {
      throw new IllegalArgumentException(
          "withOutput: the output '"
              + tensor
              + "' does not go into a column of "
              + describe(wanted)
              + ": valid are "
              + describe(natural)
              + " and, for its elements, "
              + TensorElements.columnsFor(tensor.type()));
    }
  }

  private static String describe(FieldType type) {
    FieldType element = type.getCollectionElementType();
    return element == null ? type.getTypeName().name() : "ARRAY of " + describe(element);
  }
}
