package dev.sheaf.models.store;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/** Comma-separated values by RFC 4180, UTF-8, lines ended by CR LF; a field may hold anything. */
final class Csv {
  private Csv() {}

  /** Appends one line. */
  static void writeLine(StringBuilder out, String... fields) {
    for (int i = 0; i < fields.length; i++) {
      if (i > 0) {
        out.append(',');
      }
      writeField(out, fields[i]);
    }
    out.append("\r\n");
  }

  private static void writeField(StringBuilder out, String field) {
    boolean plain = !field.isEmpty();
    for (int i = 0; i < field.length() && plain; i++) {
      char c = field.charAt(i);
      plain = c > ' ' && c != '"' && c != ',';
    }
    if (plain) {
      out.append(field);
    } else {
      out.append('"').append(field.replace("\"", "\"\"")).append('"');
    }
  }

  /** Reads lines one by one from a buffered reader. */
  static final class Lines {
    private final Reader in;
    private int line = 1;
    private int pushedBack = -2;

    Lines(Reader in) {
      this.in = in;
    }

    /** Number of the line that is read next, from 1. */
    int line() {
      return line;
    }

    /** The fields of the next line, or an empty list at the end. */
    List<String> next() throws IOException {
      int c = read();
      if (c < 0) {
        return List.of();
      }
      List<String> fields = new ArrayList<>();
      StringBuilder field = new StringBuilder();
      while (true) {
        if (c == '"' && field.length() == 0) {
          c = quoted(field);
        } else {
          while (c >= 0 && c != ',' && c != '\r' && c != '\n') {
            field.append((char) c);
            c = read();
          }
        }
        fields.add(field.toString());
        field.setLength(0);
        if (c == ',') {
          c = read();
          continue;
        }
        endLine(c);
        return fields;
      }
    }

    /** Reads to the closing quote and returns what follows it. */
    private int quoted(StringBuilder field) throws IOException {
      while (true) {
        int c = read();
        if (c < 0) {
          throw new DamageException("line " + line + ": a quote is never closed");
        }
        if (c == '"') {
          c = read();
          if (c != '"') {
            if (c >= 0 && c != ',' && c != '\r' && c != '\n') {
              throw new DamageException(
                  "line "
                      + line
                      + ": after a closing quote only a comma or the line's end is valid");
            }
            return c;
          }
        }
        field.append((char) c);
      }
    }

    private void endLine(int c) throws IOException {
      line++;
      if (c == '\r') {
        int after = in.read();
        if (after != '\n') {
          pushedBack = after;
        }
      }
    }

    private int read() throws IOException {
      if (pushedBack != -2) {
        int c = pushedBack;
        pushedBack = -2;
        return c;
      }
      return in.read();
    }
  }
}
