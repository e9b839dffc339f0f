package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorType;
import dev.sheaf.transforms.failure.BadRowException;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of one column as elements of a tensor: exactly, or, where that was asked for,
 * numbers as the nearest that the tensor's type has.
 */
final class ColumnReader {
  /** The types of tensors that hold every value of a column's type. */
  private static final Map<TypeName, Set<TensorType>> EXACT = new EnumMap<>(TypeName.class);

  static {
    EXACT.put(
        TypeName.BYTE,
        EnumSet.of(
            TensorType.INT8,
            TensorType.INT16,
            TensorType.INT32,
            TensorType.INT64,
            TensorType.FLOAT16,
            TensorType.BFLOAT16,
            TensorType.FLOAT,
            TensorType.DOUBLE));
    EXACT.put(
        TypeName.INT16,
        EnumSet.of(
            TensorType.INT16,
            TensorType.INT32,
            TensorType.INT64,
            TensorType.FLOAT,
            TensorType.DOUBLE));
    EXACT.put(TypeName.INT32, EnumSet.of(TensorType.INT32, TensorType.INT64, TensorType.DOUBLE));
    EXACT.put(TypeName.INT64, EnumSet.of(TensorType.INT64));
    EXACT.put(TypeName.FLOAT, EnumSet.of(TensorType.FLOAT, TensorType.DOUBLE));
    EXACT.put(TypeName.DOUBLE, EnumSet.of(TensorType.DOUBLE));
    EXACT.put(TypeName.BOOLEAN, EnumSet.of(TensorType.BOOL));
    EXACT.put(TypeName.STRING, EnumSet.of(TensorType.STRING));
    EXACT.put(TypeName.BYTES, EnumSet.of(TensorType.UINT8, TensorType.INT8));
  }

  private static final Set<TypeName> NUMBERS =
      EnumSet.of(
          TypeName.BYTE,
          TypeName.INT16,
          TypeName.INT32,
          TypeName.INT64,
          TypeName.FLOAT,
          TypeName.DOUBLE,
          TypeName.DECIMAL,
          TypeName.BOOLEAN);

  private static final double TWO_POW_63 = 0x1p63;

  /** From here on a half is infinite; what is below rounds to 65504. */
  private static final double HALF_LIMIT = 65520;

  private final String column;
  private final TensorType type;

  private ColumnReader(String column, TensorType type) {
    this.column = column;
    this.type = type;
  }

  /**
   * A reader of a column, or of the elements of one that holds arrays.
   *
   * @param converting whether numbers may be changed
   * @throws IllegalArgumentException if the values do not go into the type
   */
  static ColumnReader of(
      String input, TensorType type, String column, FieldType field, Converting converting) {
    TypeName name = field.getTypeName();
    boolean exact = EXACT.getOrDefault(name, Set.of()).contains(type);
    boolean convertible = NUMBERS.contains(name) && !type.isText();
    if (!exact && !(convertible && converting == Converting.NUMBERS)) {
      throw new IllegalArgumentException(
          "cannot read the input '"
              + input
              + "' of "
              + type
              + " off the column \""
              + column
              + "\" of "
              + name
              + ": "
              + (convertible
                  ? "not every value fits; ask for it with convertingNumbers(), or use"
                  : "valid are")
              + " columns of "
              + sourcesOf(type));
    }
    return new ColumnReader(column, type);
  }

  /** Whether values may be changed on their way into a tensor. */
  enum Converting {
    NOTHING,
    NUMBERS
  }

  private static String sourcesOf(TensorType type) {
    return EXACT.entrySet().stream()
        .filter(entry -> entry.getValue().contains(type))
        .map(entry -> entry.getKey().name())
        .reduce((a, b) -> a + ", " + b)
        .orElse("no type exactly, and of numbers with convertingNumbers()");
  }

  /** A new array for elements: {@code double[]}, {@code long[]} or {@code String[]}. */
  Object array(int length) {
    return type.isText()
        ? new String[length]
        : type.isFloat() ? new double[length] : new long[length];
  }

  /** Reads one value into its place. */
  void read(@Nullable Object value, Object into, int place) throws BadRowException {
    if (into instanceof double[] numbers) {
      numbers[place] = number(value);
    } else if (into instanceof long[] wholes) {
      wholes[place] = whole(value);
    } else {
      ((String[]) into)[place] = text(value);
    }
  }

  /** Reads the elements of an array, or of arrays of arrays, or of bytes, one after another. */
  int readAll(@Nullable Object value, Object into, int place) throws BadRowException {
    int at = place;
    if (value instanceof byte[] bytes) {
      for (byte one : bytes) {
        read(type == TensorType.UINT8 ? (short) (one & 0xFF) : one, into, at++);
      }
    } else if (value instanceof Collection<?> elements) {
      for (Object element : elements) {
        at = readAll(element, into, at);
      }
    } else {
      read(value, into, at++);
    }
    return at;
  }

  /** How many elements {@link #readAll} reads. */
  static int count(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.length;
    }
    if (value instanceof Collection<?> elements) {
      int sum = 0;
      for (Object element : elements) {
        sum += count(element);
      }
      return sum;
    }
    return 1;
  }

  private double number(@Nullable Object value) throws BadRowException {
    if (value == null) {
      return Double.NaN;
    } else if (type == TensorType.DOUBLE && value instanceof Double exact) {
      return exact;
    }
    double number = value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
    boolean tooLarge =
        switch (type) {
          case FLOAT, BFLOAT16 -> Float.isInfinite((float) number);
          case FLOAT16 -> Math.abs(number) >= HALF_LIMIT;
          default -> value instanceof BigDecimal && Double.isInfinite(number);
        };
    if (tooLarge && !isInfinite(value)) {
      throw new BadRowException(column + " is too large for " + type + ": " + value);
    }
    return number;
  }

  private static boolean isInfinite(Object value) {
    return (value instanceof Double wide && wide.isInfinite())
        || (value instanceof Float narrow && narrow.isInfinite());
  }

  private long whole(@Nullable Object value) throws BadRowException {
    if (value == null) {
      throw new BadRowException(column + " is NULL, and a tensor of " + type + " holds no NULL");
    }
    long whole = wholeOf(value);
    int unused = Long.SIZE - 8 * type.elementBytes();
    boolean fits =
        switch (type) {
          case BOOL -> whole == 0 || whole == 1;
          case UINT8, UINT16, UINT32, UINT64 ->
              whole >= 0 && (unused == 0 || whole >>> (Long.SIZE - unused) == 0);
          default -> whole << unused >> unused == whole;
        };
    if (!fits) {
      throw new BadRowException(column + " does not fit into " + type + ": " + value);
    }
    return whole;
  }

  private long wholeOf(Object value) throws BadRowException {
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    } else if (value instanceof BigDecimal decimal) {
      try {
        return decimal.longValueExact();
      } catch (ArithmeticException e) {
        throw new BadRowException(column + " does not fit into " + type + ": " + value, e);
      }
    } else if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (number != Math.rint(number) || number < -TWO_POW_63 || number >= TWO_POW_63) {
        throw new BadRowException(column + " does not fit into " + type + ": " + value);
      }
      return (long) number;
    }
    return ((Number) value).longValue();
  }

  private String text(@Nullable Object value) throws BadRowException {
    if (value == null) {
      throw new BadRowException(column + " is NULL, and a tensor of texts holds no NULL");
    }
    return (String) value;
  }
}
