package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The table of a LabelEncoder node, looked up in Java with the results that ONNX Runtime gives.
 *
 * <p>Numbers are equal as IEEE 754 has it, -0.0 and 0.0 too. Of text ONNX Runtime sees the bytes
 * that {@link Texts#toNative} gives it, so a key is the text that has these bytes, and a key that
 * no text has is never found.
 */
final class CategoryTable {
  private static final Set<String> ATTRIBUTES =
      Set.of("keys_tensor", "values_tensor", "default_tensor");
  private static final int ENTRY_BYTES = 64;

  private final double[] numbers;
  private final double[] ofNumbers;
  private final Map<String, Double> ofTexts;
  private final double otherwise;
  private final boolean isOfText;

  private CategoryTable(
      double[] numbers, double[] ofNumbers, @Nullable Map<String, Double> texts, double otherwise) {
    this.numbers = numbers;
    this.ofNumbers = ofNumbers;
    this.ofTexts = texts == null ? Map.of() : texts;
    this.otherwise = otherwise;
    this.isOfText = texts != null;
  }

  /** The table of a node; null if it is not one from doubles or texts to doubles. */
  static @Nullable CategoryTable of(NodeProto node) {
    Map<String, TensorProto> tensors = new HashMap<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getType() != AttributeProto.AttributeType.TENSOR) {
        return null;
      }
      tensors.put(attribute.getName(), attribute.getT());
    }
    TensorProto keys = tensors.get("keys_tensor");
    double[] values = TensorValues.doubles(tensors.get("values_tensor"));
    double[] otherwise = TensorValues.doubles(tensors.get("default_tensor"));
    if (!tensors.keySet().equals(ATTRIBUTES)
        || keys == null
        || values == null
        || otherwise == null
        || otherwise.length != 1) {
      return null;
    }
    return keys.getDataType() == TensorProto.DataType.STRING.getNumber()
        ? ofTexts(keys.getStringDataList(), values, otherwise[0])
        : ofNumbers(TensorValues.doubles(keys), values, otherwise[0]);
  }

  private static @Nullable CategoryTable ofNumbers(
      double @Nullable [] keys, double[] values, double otherwise) {
    if (keys == null || keys.length != values.length) {
      return null;
    }
    double[] sorted = new double[keys.length];
    for (int i = 0; i < keys.length; i++) {
      sorted[i] = keys[i] + 0.0; // makes -0.0 the key that it equals
    }
    Arrays.sort(sorted);
    double[] ofSorted = new double[keys.length];
    for (int i = 0; i < keys.length; i++) {
      if (Double.isNaN(sorted[i]) || (i > 0 && sorted[i] == sorted[i - 1])) {
        return null;
      }
      ofSorted[Arrays.binarySearch(sorted, keys[i] + 0.0)] = values[i];
    }
    return new CategoryTable(sorted, ofSorted, null, otherwise);
  }

  private static @Nullable CategoryTable ofTexts(
      List<ByteString> keys, double[] values, double otherwise) {
    if (keys.size() != values.length || new HashSet<>(keys).size() != keys.size()) {
      return null;
    }
    Map<String, Double> texts = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      String text = textOf(keys.get(i));
      if (text != null) {
        texts.put(text, values[i]);
      }
    }
    return new CategoryTable(new double[0], new double[0], texts, otherwise);
  }

  /** The text that reaches ONNX Runtime as these bytes; null if there is none. */
  private static @Nullable String textOf(ByteString key) {
    StringBuilder text = new StringBuilder(key.size());
    for (int at = 0; at < key.size(); ) {
      int first = key.byteAt(at) & 0xff;
      int bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      if (at + bytes > key.size()) {
        return null;
      }
      int codePoint = bytes == 1 ? first : first & (0x7f >> bytes);
      for (int i = 1; i < bytes; i++) {
        codePoint = (codePoint << 6) | (key.byteAt(at + i) & 0x3f);
      }
      if (!Character.isValidCodePoint(codePoint)) {
        return null;
      }
      text.appendCodePoint(codePoint);
      at += bytes;
    }
    return bytesOf(text.toString()).equals(key) ? text.toString() : null;
  }

  /** UTF-8, but for U+0000 and halves of surrogate pairs, as {@link Texts#toNative} gives it. */
  private static ByteString bytesOf(String text) {
    ByteString.Output bytes = ByteString.newOutput(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c > 0 && c < 0x80) {
                bytes.write(c);
              } else if (c < 0x800) {
                bytes.write(0xc0 | (c >> 6));
                bytes.write(0x80 | (c & 0x3f));
              } else if (c < 0x10000) {
                bytes.write(0xe0 | (c >> 12));
                bytes.write(0x80 | ((c >> 6) & 0x3f));
                bytes.write(0x80 | (c & 0x3f));
              } else {
                bytes.write(0xf0 | (c >> 18));
                bytes.write(0x80 | ((c >> 12) & 0x3f));
                bytes.write(0x80 | ((c >> 6) & 0x3f));
                bytes.write(0x80 | (c & 0x3f));
              }
            });
    return bytes.toByteString();
  }

  /** How many numbers have a value of their own. */
  int size() {
    return numbers.length;
  }

  /** The values in the order of the keys, at last the one of all other numbers. */
  double[] valuesByPlace() {
    double[] values = Arrays.copyOf(ofNumbers, ofNumbers.length + 1);
    values[ofNumbers.length] = otherwise;
    return values;
  }

  /** A node that gives each number its place among {@link #valuesByPlace}. */
  NodeProto toPlaces(NodeProto node) {
    return node.toBuilder()
        .clearAttribute()
        .addAttribute(Attributes.of("keys_tensor", numbers))
        .addAttribute(
            Attributes.of(
                "values_tensor", IntStream.range(0, numbers.length).asDoubleStream().toArray()))
        .addAttribute(Attributes.of("default_tensor", new double[] {numbers.length}))
        .build();
  }

  boolean isOfText() {
    return isOfText;
  }

  double of(double number) {
    int place = Arrays.binarySearch(numbers, number + 0.0);
    return place < 0 ? otherwise : ofNumbers[place];
  }

  double of(String text) {
    Double found = ofTexts.get(text);
    return found == null ? otherwise : found;
  }

  /** A key of the table, for probes; the empty text if there is none. */
  String someText() {
    return ofTexts.keySet().stream().sorted().findFirst().orElse("");
  }

  double someNumber() {
    return numbers.length == 0 ? 0 : numbers[numbers.length - 1];
  }

  long byteSize() {
    long bytes = ENTRY_BYTES + 2L * Double.BYTES * numbers.length;
    for (String text : ofTexts.keySet()) {
      bytes += 2L * ENTRY_BYTES + (long) Character.BYTES * text.length();
    }
    return bytes;
  }
}
