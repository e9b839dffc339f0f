package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;

/** The elements of a tensor as values of columns, unchanged or in a wider type. */
final class TensorElements {
  /** The narrowest column for each type of tensor, and the wider ones. */
  private static final Map<TensorType, Set<TypeName>> COLUMNS = new EnumMap<>(TensorType.class);

  static {
    Set<TypeName> fromByte =
        EnumSet.of(
            TypeName.BYTE,
            TypeName.INT16,
            TypeName.INT32,
            TypeName.INT64,
            TypeName.FLOAT,
            TypeName.DOUBLE,
            TypeName.DECIMAL);
    Set<TypeName> fromShort = EnumSet.copyOf(fromByte);
    fromShort.remove(TypeName.BYTE);
    Set<TypeName> fromInt =
        EnumSet.of(TypeName.INT32, TypeName.INT64, TypeName.DOUBLE, TypeName.DECIMAL);
    Set<TypeName> fromFloat = EnumSet.of(TypeName.FLOAT, TypeName.DOUBLE);
    COLUMNS.put(TensorType.INT8, fromByte);
    COLUMNS.put(TensorType.UINT8, fromShort);
    COLUMNS.put(TensorType.INT16, fromShort);
    COLUMNS.put(TensorType.UINT16, fromInt);
    COLUMNS.put(TensorType.INT32, fromInt);
    COLUMNS.put(TensorType.UINT32, EnumSet.of(TypeName.INT64, TypeName.DOUBLE, TypeName.DECIMAL));
    COLUMNS.put(TensorType.INT64, EnumSet.of(TypeName.INT64, TypeName.DECIMAL));
    COLUMNS.put(TensorType.UINT64, EnumSet.of(TypeName.DECIMAL));
    COLUMNS.put(TensorType.FLOAT16, fromFloat);
    COLUMNS.put(TensorType.BFLOAT16, fromFloat);
    COLUMNS.put(TensorType.FLOAT, fromFloat);
    COLUMNS.put(TensorType.DOUBLE, EnumSet.of(TypeName.DOUBLE));
    COLUMNS.put(TensorType.BOOL, EnumSet.of(TypeName.BOOLEAN));
    COLUMNS.put(TensorType.STRING, EnumSet.of(TypeName.STRING));
  }

  private final IntFunction<Object> elements;

  private TensorElements(IntFunction<Object> elements) {
    this.elements = elements;
  }

  /** The columns that hold every element of a type, the narrowest first. */
  static Set<TypeName> columnsFor(TensorType type) {
    return COLUMNS.getOrDefault(type, Set.of());
  }

  static TensorElements of(Tensor tensor) {
    return switch (tensor.type()) {
      case FLOAT, FLOAT16, BFLOAT16 -> {
        float[] values = tensor.floats();
        yield new TensorElements(i -> values[i]);
      }
      case DOUBLE -> {
        double[] values = tensor.doubles();
        yield new TensorElements(i -> values[i]);
      }
      case BOOL -> {
        boolean[] values = tensor.booleans();
        yield new TensorElements(i -> values[i]);
      }
      case STRING -> {
        String[] values = tensor.strings();
        yield new TensorElements(i -> values[i]);
      }
      case UINT64 -> {
        long[] values = tensor.longs();
        yield new TensorElements(i -> unsigned(values[i]));
      }
      default -> {
        long[] values = tensor.longs();
        yield new TensorElements(i -> values[i]);
      }
    };
  }

  private static BigDecimal unsigned(long bits) {
    BigInteger value = BigInteger.valueOf(bits);
    return new BigDecimal(bits < 0 ? value.add(BigInteger.ONE.shiftLeft(Long.SIZE)) : value);
  }

  /** An element as a column of a type holds it. */
  Object get(int place, FieldType type) {
    return convert(elements.apply(place), type);
  }

  /**
   * A value as a column of a type holds it.
   *
   * @throws IllegalArgumentException if it holds none such
   */
  static Object convert(Object value, FieldType type) {
    if (value instanceof Number number) {
      return switch (type.getTypeName()) {
        case BYTE -> number.byteValue();
        case INT16 -> number.shortValue();
        case INT32 -> number.intValue();
        case INT64 -> number.longValue();
        case FLOAT -> number.floatValue();
        case DOUBLE -> number instanceof Double ? number : (Number) number.doubleValue();
        case DECIMAL ->
            number instanceof BigDecimal ? number : BigDecimal.valueOf(number.longValue());
        default -> throw wrong(value, type);
      };
    }
    boolean fits =
        value instanceof String
            ? type.getTypeName() == TypeName.STRING
            : type.getTypeName() == TypeName.BOOLEAN;
    if (!fits) {
      throw wrong(value, type);
    }
    return value;
  }

  private static IllegalArgumentException wrong(Object value, FieldType type) {
    return new IllegalArgumentException(
        "the value " + value + " does not go into a column of " + type.getTypeName());
  }
}
