package dev.sheaf.models.trees;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A JSON document. */
final class JsonDocument implements Document {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final JsonParser parser;

  JsonDocument(byte[] json) throws IOException {
    parser = FACTORY.createParser(json);
    parser.nextToken();
  }

  @Override
  public void object(Fields fields) throws IOException {
    expect(JsonToken.START_OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      fields.field(name);
    }
  }

  @Override
  public void array(Element element) throws IOException {
    expect(JsonToken.START_ARRAY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      element.element();
    }
  }

  @Override
  public String text() throws IOException {
    if (!isScalar(parser.currentToken())) {
      throw unexpected("a text or a number");
    }
    return parser.getText();
  }

  @Override
  public int[] integers() throws IOException {
    expect(JsonToken.START_ARRAY);
    int[] values = new int[16];
    int length = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (length == values.length) {
        values = Arrays.copyOf(values, 2 * length);
      }
      values[length++] = integer(token);
    }
    return Arrays.copyOf(values, length);
  }

  private int integer(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return parser.getIntValue();
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE ? 1 : 0;
    }
    throw unexpected("a whole number");
  }

  /** Nine digits name a float; taken by way of a double they name the same one. */
  @Override
  public float[] floats() throws IOException {
    expect(JsonToken.START_ARRAY);
    float[] values = new float[16];
    int length = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
        throw unexpected("a number");
      }
      if (length == values.length) {
        values = Arrays.copyOf(values, 2 * length);
      }
      values[length++] = (float) parser.getDoubleValue();
    }
    return Arrays.copyOf(values, length);
  }

  @Override
  public void skip() throws IOException {
    parser.skipChildren();
  }

  private static boolean isScalar(@Nullable JsonToken token) {
    return token != null && token.isScalarValue();
  }

  private void expect(JsonToken token) throws IOException {
    if (parser.currentToken() != token) {
      throw unexpected(token == JsonToken.START_OBJECT ? "an object" : "an array");
    }
  }

  private IOException unexpected(String wanted) throws IOException {
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s is needed at byte %d, found %s",
            wanted,
            parser.currentTokenLocation().getByteOffset(),
            parser.currentToken()));
  }
}
