package dev.sheaf.models.trees;

import java.nio.charset.StandardCharsets;

/** The lines {@code key=value} of a text, read in place from its bytes. */
final class TextLines {
  private final byte[] text;
  private int next;
  private int start;
  private int end;
  private int value;

  TextLines(byte[] text) {
    this.text = text;
  }

  /** Steps to the next line; false after the last. */
  boolean advance() {
    if (next >= text.length) {
      return false;
    }
    start = next;
    value = -1;
    int at = start;
    while (at < text.length && text[at] != '\n') {
      if (text[at] == '=' && value < 0) {
        value = at + 1;
      }
      at++;
    }
    next = at + 1;
    end = at > start && text[at - 1] == '\r' ? at - 1 : at;
    return true;
  }

  /** What is left of {@code =}, or the whole line. */
  String key() {
    return string(start, value < 0 ? end : value - 1);
  }

  /** What is right of {@code =}; empty if there is none. */
  String value() {
    return value < 0 ? "" : string(value, end);
  }

  boolean isBlank() {
    for (int at = start; at < end; at++) {
      if (text[at] > ' ') {
        return false;
      }
    }
    return true;
  }

  int[] integers() {
    int[] values = new int[words()];
    int at = value < 0 ? end : value;
    for (int i = 0; i < values.length; i++) {
      at = skipSpace(at);
      int to = wordEnd(at);
      // A word of a category's bits is an unsigned number of 32 bits.
      values[i] = (int) Long.parseLong(string(at, to));
      at = to;
    }
    return values;
  }

  double[] doubles() {
    double[] values = new double[words()];
    int at = value < 0 ? end : value;
    for (int i = 0; i < values.length; i++) {
      at = skipSpace(at);
      int to = wordEnd(at);
      values[i] = parse(string(at, to));
      at = to;
    }
    return values;
  }

  static double parse(String number) {
    return switch (number) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN;
      default -> Double.parseDouble(number);
    };
  }

  float[] floats() {
    double[] doubles = doubles();
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }

  private int words() {
    int count = 0;
    for (int at = skipSpace(value < 0 ? end : value); at < end; at = skipSpace(wordEnd(at))) {
      count++;
    }
    return count;
  }

  private int skipSpace(int from) {
    int at = from;
    while (at < end && text[at] == ' ') {
      at++;
    }
    return at;
  }

  private int wordEnd(int from) {
    int at = from;
    while (at < end && text[at] != ' ') {
      at++;
    }
    return at;
  }

  private String string(int from, int to) {
    return new String(text, from, to - from, StandardCharsets.UTF_8);
  }
}
