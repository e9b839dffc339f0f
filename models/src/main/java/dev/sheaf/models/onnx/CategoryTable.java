package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
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
 * that the Java Native Interface makes of it, so a key is the text that has these bytes, and a key
 * that no text has is never found.
 */
final class CategoryTable {
  private static final Set<String> ATTRIBUTES =
      Set.of("keys_tensor", "values_tensor", "default_tensor");
  private static final int LONGEST_KEY_BYTES = 65535;
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
      if (keys.get(i).size() > LONGEST_KEY_BYTES) {
        return null;
      }
      String text = textOf(keys.get(i));
      if (text != null) {
        texts.put(text, values[i]);
      }
    }
    return new CategoryTable(new double[0], new double[0], texts, otherwise);
  }

  /** The text that the Java Native Interface makes these bytes of; null if there is none. */
  private static @Nullable String textOf(ByteString key) {
    byte[] prefixed =
        ByteBuffer.allocate(Short.BYTES + key.size())
            .putShort((short) key.size())
            .put(key.asReadOnlyByteBuffer())
            .array();
    try {
      String text = new DataInputStream(new ByteArrayInputStream(prefixed)).readUTF();
      ByteArrayOutputStream back = new ByteArrayOutputStream(prefixed.length);
      new DataOutputStream(back).writeUTF(text);
      return Arrays.equals(prefixed, back.toByteArray()) ? text : null;
    } catch (IOException notModifiedUtf8) {
      return null;
    }
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
