package dev.sheaf.sandbox.snowflake.copy;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Reads delimited text record by record and knows the line of each.
 *
 * <p>A field that starts with the enclosure ends at the next single one; two of them stand for one.
 * A record ends at a line feed, a carriage return or both, outside of enclosures. The fields of the
 * current record lie in one buffer, so that reading makes no garbage.
 */
public final class CsvScanner implements Closeable {
  private static final int BUFFER = 1 << 16;

  private final Reader in;
  private final char delimiter;
  private final int enclosure;
  private final int escape;
  private final char[] buffer = new char[BUFFER];
  private int position;
  private int limit;
  private long line = 1;
  private long recordLine = 1;

  private char[] text = new char[1 << 12];
  private int textLength;
  private int[] ends = new int[64];
  private boolean[] quoted = new boolean[64];
  private int fields;
  private boolean fault;

  private CsvScanner(Reader in, char delimiter, String enclosure, String escape) {
    this.in = in;
    this.delimiter = delimiter;
    this.enclosure = enclosure.isEmpty() ? -1 : enclosure.charAt(0);
    this.escape = escape.isEmpty() ? -1 : escape.charAt(0);
  }

  /** Opens a file, compressed or not. */
  public static CsvScanner open(
      Path file, boolean gzip, Charset charset, char delimiter, String enclosure, String escape)
      throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream bytes = gzip ? new GZIPInputStream(raw, BUFFER) : raw;
      Reader reader =
          new InputStreamReader(
              bytes,
              charset
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT));
      return new CsvScanner(reader, delimiter, enclosure, escape);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private int peek() throws IOException {
    if (position == limit) {
      limit = in.read(buffer, 0, buffer.length);
      position = 0;
      if (limit <= 0) {
        limit = 0;
        return -1;
      }
    }
    return buffer[position];
  }

  /** Moves to the next record; false at the end of the file. */
  public boolean next() throws IOException {
    fields = 0;
    textLength = 0;
    fault = false;
    if (peek() < 0) {
      return false;
    }
    recordLine = line;
    while (true) {
      boolean enclosed = peek() == enclosure;
      if (enclosed) {
        position++;
        readEnclosed();
      } else {
        readPlain();
      }
      endField(enclosed);
      int c = peek();
      if (c == delimiter) {
        position++;
      } else {
        endLine(c);
        return true;
      }
    }
  }

  private void endLine(int c) throws IOException {
    if (c < 0) {
      return;
    }
    position++;
    if (c == '\r' && peek() == '\n') {
      position++;
    }
    line++;
  }

  private void readPlain() throws IOException {
    while (true) {
      int c = peek();
      if (c < 0 || c == delimiter || c == '\n' || c == '\r') {
        return;
      }
      if (c == escape) {
        position++;
        c = peek();
        if (c < 0) {
          return;
        }
        line += c == '\n' ? 1 : 0;
      }
      append((char) c);
      position++;
    }
  }

  private void readEnclosed() throws IOException {
    while (true) {
      int c = peek();
      if (c < 0) {
        fault = true;
        return;
      }
      position++;
      if (c == enclosure) {
        if (peek() != enclosure) {
          afterEnclosed();
          return;
        }
        position++;
      } else if (c == escape && peek() >= 0) {
        c = peek();
        position++;
      }
      if (c == '\n') {
        line++;
      }
      append((char) c);
    }
  }

  /** After the closing enclosure only a delimiter or the end of the line may stand. */
  private void afterEnclosed() throws IOException {
    int c = peek();
    while (c >= 0 && c != delimiter && c != '\n' && c != '\r') {
      fault = true;
      append((char) c);
      position++;
      c = peek();
    }
  }

  private void append(char c) {
    if (textLength == text.length) {
      text = Arrays.copyOf(text, textLength * 2);
    }
    text[textLength++] = c;
  }

  private void endField(boolean enclosed) {
    if (fields == ends.length) {
      ends = Arrays.copyOf(ends, fields * 2);
      quoted = Arrays.copyOf(quoted, fields * 2);
    }
    ends[fields] = textLength;
    quoted[fields++] = enclosed;
  }

  /** The number of fields of the current record. */
  public int fields() {
    return fields;
  }

  /** Whether the record is one empty line. */
  public boolean isBlank() {
    return fields == 1 && textLength == 0 && !quoted[0];
  }

  /** Whether an enclosure is left open or something follows a closed one. */
  public boolean isFaulty() {
    return fault;
  }

  /** The line on which the current record starts, from 1. */
  public long line() {
    return recordLine;
  }

  /** Whether the field was enclosed. */
  public boolean isQuoted(int field) {
    return quoted[field];
  }

  /** Where the field starts in {@link #buffer}. */
  public int start(int field) {
    return field == 0 ? 0 : ends[field - 1];
  }

  /** Where the field ends in {@link #buffer}. */
  public int end(int field) {
    return ends[field];
  }

  /** The characters of the current record's fields, one after the other. */
  public char[] buffer() {
    return text;
  }

  /** The field's text. */
  public String text(int field) {
    int start = start(field);
    return new String(text, start, ends[field] - start);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
