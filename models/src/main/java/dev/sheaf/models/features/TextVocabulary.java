package dev.sheaf.models.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.table.RowBlock;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Texts in sorted order.
 *
 * <p>In the graph a text may have two keys: its UTF-8, which Python and others give to ONNX
 * Runtime, and what its Java interface makes of the same text, which is the "modified UTF-8" of the
 * Java Native Interface: characters beyond U+FFFF are six bytes instead of four, and U+0000 two.
 */
record TextVocabulary(List<String> categories) implements Vocabulary {
  TextVocabulary {
    categories = List.copyOf(categories);
  }

  @Override
  public double[] values(RowBlock rows, int feature, double[] column) {
    List<String> dictionary = rows.dictionary(feature);
    double[] known = new double[dictionary.size()];
    for (int i = 0; i < known.length; i++) {
      int code = Collections.binarySearch(categories, dictionary.get(i));
      known[i] = code < 0 ? Double.NaN : code;
    }
    double[] values = new double[column.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.isNaN(column[i]) ? Double.NaN : known[(int) column[i]];
    }
    return values;
  }

  @Override
  public double origin() {
    return 0;
  }

  @Override
  public boolean gaps() {
    return true;
  }

  @Override
  public AttributeProto keys() {
    List<byte[]> keys = new ArrayList<>();
    for (String category : categories) {
      keys.addAll(keys(category));
    }
    // Empty text is missing, so as a key it stands for nothing.
    return Attributes.ofTexts("keys_tensor", keys.isEmpty() ? List.of(new byte[0]) : keys);
  }

  @Override
  public double[] perKey(double[] perCode, double missing) {
    List<Double> values = new ArrayList<>();
    for (int code = 0; code < perCode.length; code++) {
      values.addAll(Collections.nCopies(keys(categories.get(code)).size(), perCode[code]));
    }
    return values.isEmpty()
        ? new double[] {missing}
        : values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<byte[]> keys(String text) {
    byte[] standard = text.getBytes(UTF_8);
    byte[] modified = modified(text);
    if (Arrays.equals(standard, modified)) {
      return List.of(standard);
    }
    // Half a pair of surrogates has no UTF-8: it would become another text, a question mark.
    return new String(standard, UTF_8).equals(text)
        ? List.of(standard, modified)
        : List.of(modified);
  }

  /** As the Java Native Interface Specification describes it under "Modified UTF-8 Strings". */
  private static byte[] modified(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit != 0 && unit < 0x80) {
        bytes.write(unit);
      } else if (unit < 0x800) {
        bytes.write(0xC0 | (unit >> 6));
        bytes.write(0x80 | (unit & 0x3F));
      } else {
        bytes.write(0xE0 | (unit >> 12));
        bytes.write(0x80 | ((unit >> 6) & 0x3F));
        bytes.write(0x80 | (unit & 0x3F));
      }
    }
    return bytes.toByteArray();
  }
}
