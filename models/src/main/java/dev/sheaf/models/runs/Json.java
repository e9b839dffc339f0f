package dev.sheaf.models.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON of a run's files; fields that a later release may add are let through. */
final class Json {
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Json() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static ObjectNode document() {
    return object().put("format", FORMAT);
  }

  static ObjectNode texts(Map<String, String> texts) {
    ObjectNode node = object();
    texts.forEach(node::put);
    return node;
  }

  /** One line, with a line feed at its end. */
  static byte[] line(JsonNode node) {
    return (node + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Indented, with a line feed at the end. */
  static byte[] pretty(JsonNode node) {
    return (node.toPrettyString().replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static JsonNode parse(byte[] bytes, int from, int length) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(bytes, from, length);
    } catch (JsonProcessingException e) {
      throw new IOException("it is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IOException("it is not a JSON object");
    }
    return node;
  }

  static JsonNode parseDocument(byte[] bytes, int from, int length) throws IOException {
    JsonNode node = parse(bytes, from, length);
    long format = number(node, "format");
    if (format != FORMAT) {
      throw new IOException("its format is " + format + "; this release reads format " + FORMAT);
    }
    return node;
  }

  static String text(JsonNode object, String name) throws IOException {
    JsonNode value = object.get(name);
    if (value == null || !value.isTextual()) {
      throw new IOException("\"" + name + "\" must be a text, not " + value);
    }
    return value.textValue();
  }

  static long number(JsonNode object, String name) throws IOException {
    JsonNode value = object.get(name);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IOException("\"" + name + "\" must be a whole number, not " + value);
    }
    return value.longValue();
  }

  static Instant instant(JsonNode object, String name) throws IOException {
    String text = text(object, name);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IOException("\"" + name + "\" must be a time, not \"" + text + "\"", e);
    }
  }

  static Map<String, String> texts(JsonNode object, String name) throws IOException {
    JsonNode node = object.get(name);
    if (node == null || !node.isObject()) {
      throw new IOException("\"" + name + "\" must be an object, not " + node);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      texts.put(field.getKey(), field.getValue().asText());
    }
    return texts;
  }
}
