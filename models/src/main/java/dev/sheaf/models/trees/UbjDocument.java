package dev.sheaf.models.trees;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A UBJSON document (Universal Binary JSON, draft 12), as XGBoost writes it. */
final class UbjDocument implements Document {
  private static final int DEEPEST = 64;

  private final ByteBuffer bytes;

  UbjDocument(byte[] ubj) {
    bytes = ByteBuffer.wrap(ubj);
  }

  @Override
  public void object(Fields fields) throws IOException {
    expect('{', "an object");
    while (peek() != '}') {
      fields.field(string());
    }
    bytes.get();
  }

  @Override
  public void array(Element element) throws IOException {
    expect('[', "an array");
    if (peek() == '#') {
      bytes.get();
      long count = wholeNumber(marker());
      for (long i = 0; i < count; i++) {
        element.element();
      }
      return;
    }
    while (peek() != ']') {
      element.element();
    }
    bytes.get();
  }

  @Override
  public String text() throws IOException {
    char marker = marker();
    return switch (marker) {
      case 'S' -> string();
      case 'T', 'F' -> Boolean.toString(marker == 'T');
      case 'd', 'D' -> Double.toString(number(marker));
      default -> Long.toString(wholeNumber(marker));
    };
  }

  @Override
  public int[] integers() throws IOException {
    expect('[', "an array");
    char type = elementType();
    int[] values = new int[count(type)];
    for (int i = 0; i < values.length; i++) {
      char marker = type == 0 ? marker() : type;
      values[i] =
          marker == 'T' || marker == 'F' ? marker == 'T' ? 1 : 0 : (int) wholeNumber(marker);
    }
    return values;
  }

  @Override
  public float[] floats() throws IOException {
    expect('[', "an array");
    char type = elementType();
    float[] values = new float[count(type)];
    for (int i = 0; i < values.length; i++) {
      values[i] = type == 'd' ? float32() : (float) number(type == 0 ? marker() : type);
    }
    return values;
  }

  @Override
  public void skip() throws IOException {
    skip(0);
  }

  private void skip(int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("the document is nested deeper than " + DEEPEST);
    }
    char marker = peek();
    if (marker == '{') {
      object(name -> skip(depth + 1));
    } else if (marker == '[') {
      int at = bytes.position();
      bytes.get();
      char type = elementType();
      if (type == 0) {
        bytes.position(at);
        array(() -> skip(depth + 1));
      } else {
        int length = count(type);
        advance((long) length * width(type));
      }
    } else {
      bytes.get();
      if (marker == 'S' || marker == 'H') {
        advance(wholeNumber(marker()));
      } else {
        advance(width(marker));
      }
    }
  }

  /** The type of a typed array, 0 for an array whose elements have each their own. */
  private char elementType() throws IOException {
    if (peek() != '$') {
      return 0;
    }
    bytes.get();
    char type = marker();
    width(type);
    return type;
  }

  /** The length of a typed array, or of an array of numbers that says its length or is empty. */
  private int count(char type) throws IOException {
    if (peek() != '#') {
      if (type == 0 && peek() == ']') {
        bytes.get();
        return 0;
      }
      throw unexpected("the length of an array");
    }
    bytes.get();
    long count = wholeNumber(marker());
    if (count < 0 || count * Math.max(1, type == 0 ? 1 : width(type)) > bytes.remaining()) {
      throw new IOException("an array says that it has " + count + " elements");
    }
    return (int) count;
  }

  private String string() throws IOException {
    long length = wholeNumber(marker());
    if (length < 0 || length > bytes.remaining()) {
      throw new IOException("a text says that it has " + length + " bytes");
    }
    byte[] text = new byte[(int) length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private double number(char marker) throws IOException {
    return switch (marker) {
      case 'd' -> float32();
      case 'D' -> {
        need(Double.BYTES);
        yield bytes.getDouble();
      }
      default -> wholeNumber(marker);
    };
  }

  private float float32() throws IOException {
    need(Float.BYTES);
    return bytes.getFloat();
  }

  private long wholeNumber(char marker) throws IOException {
    need(width(marker));
    return switch (marker) {
      case 'i' -> bytes.get();
      case 'U' -> bytes.get() & 0xff;
      case 'I' -> bytes.getShort();
      case 'l' -> bytes.getInt();
      case 'L' -> bytes.getLong();
      default -> throw unexpected("a whole number");
    };
  }

  private int width(char marker) throws IOException {
    return switch (marker) {
      case 'i', 'U', 'C' -> 1;
      case 'I' -> 2;
      case 'l', 'd' -> 4;
      case 'L', 'D' -> 8;
      case 'Z', 'N', 'T', 'F' -> 0;
      default -> throw unexpected("a value");
    };
  }

  private char peek() throws IOException {
    need(1);
    return (char) (bytes.get(bytes.position()) & 0xff);
  }

  private char marker() throws IOException {
    need(1);
    return (char) (bytes.get() & 0xff);
  }

  private void expect(char marker, String wanted) throws IOException {
    if (marker() != marker) {
      throw unexpected(wanted);
    }
  }

  private void advance(long by) throws IOException {
    need(by);
    bytes.position(bytes.position() + (int) by);
  }

  private void need(long count) throws IOException {
    if (count < 0 || count > bytes.remaining()) {
      throw new IOException("the file ends early", new BufferUnderflowException());
    }
  }

  private IOException unexpected(String wanted) {
    int at = bytes.position() - 1;
    return new IOException(
        String.format(
            Locale.ROOT, "%s is needed at byte %d, found 0x%02x", wanted, at, bytes.get(at)));
  }
}
