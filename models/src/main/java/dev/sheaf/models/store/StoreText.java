package dev.sheaf.models.store;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** JSON in and out, and whole files within a size limit. */
final class StoreText {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** How often a file is read that is replaced each time. */
  private static final int READS = 20;

  private StoreText() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Indented, with a line feed at the end and the same on every system. */
  static byte[] bytes(JsonNode node) {
    try {
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
      return (text.replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  static String line(JsonNode node) {
    return node.toString();
  }

  /** Reads an object that may have these fields only. */
  static JsonNode parseObject(byte[] bytes, Set<String> fields) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new DamageException("it is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new DamageException("it is not a JSON object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw new DamageException("it has the unknown field \"" + name + "\"; valid are " + fields);
      }
    }
    return node;
  }

  static JsonNode field(JsonNode object, String name) throws IOException {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      throw new DamageException("it has no \"" + name + "\"");
    }
    return value;
  }

  static String text(JsonNode object, String name) throws IOException {
    JsonNode value = field(object, name);
    if (!value.isTextual()) {
      throw new DamageException("\"" + name + "\" must be a text, not " + value);
    }
    return value.textValue();
  }

  static long number(JsonNode object, String name) throws IOException {
    JsonNode value = field(object, name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new DamageException("\"" + name + "\" must be a whole number, not " + value);
    }
    return value.longValue();
  }

  static VersionId version(String text) throws IOException {
    try {
      return VersionId.ofText(text);
    } catch (IllegalArgumentException e) {
      throw new DamageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** JSON has no NaN and no infinities: they are written as texts, as Jackson and others do. */
  static String metrics(Map<String, Double> metrics) {
    ObjectNode node = object();
    metrics.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            node.put(name, value);
          } else {
            node.put(name, value.toString());
          }
        });
    return line(node);
  }

  /** A double of a metric: a number, or one of the texts NaN, Infinity and -Infinity. */
  static double metric(JsonNode value) throws IOException {
    if (value.isNumber()) {
      return value.doubleValue();
    }
    return switch (value.asText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw new DamageException("a metric must be a number, not " + value);
    };
  }

  static JsonNode parseLine(String text) throws IOException {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DamageException("it is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** As {@link StoreFiles#read}. */
  static byte[] readAll(StoreFiles files, String file, long limit) throws IOException {
    try {
      for (int attempt = 1; ; attempt++) {
        long size = -1;
        @Nullable IOException failure = null;
        try (SeekableByteChannel channel = files.open(file)) {
          size = channel.size();
          if (size > limit) {
            throw new DamageException(
                String.format(
                    Locale.ROOT, "it has %d bytes, more than the %d that are valid", size, limit));
          }
          byte[] bytes = readFully(channel, 0, (int) size);
          if (isOfSize(files, file, size)) {
            return bytes;
          }
        } catch (FileNotFoundException e) {
          throw e;
        } catch (IOException e) {
          if (size < 0 || isOfSize(files, file, size)) {
            throw e;
          }
          failure = e;
        }
        if (attempt == READS) {
          throw new IOException("it is replaced whenever it is read", failure);
        }
      }
    } catch (FileNotFoundException e) {
      // Some channels of object stores find out no earlier than when they are read.
      NoSuchFileException missing = new NoSuchFileException(file);
      missing.initCause(e);
      throw missing;
    }
  }

  /** Whether a file was not replaced by one of another size, of which a channel gives a part. */
  private static boolean isOfSize(StoreFiles files, String file, long size) throws IOException {
    return files.size(file).equals(OptionalLong.of(size));
  }

  /** Reads a range; it must be there in full. */
  static byte[] readFully(SeekableByteChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    channel.position(offset);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new DamageException(
            String.format(
                Locale.ROOT,
                "it is cut short: it ends at byte %d where %d are expected",
                offset + buffer.position(),
                offset + length));
      }
    }
    return buffer.array();
  }
}
