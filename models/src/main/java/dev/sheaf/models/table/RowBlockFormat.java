package dev.sheaf.models.table;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The bytes of a block: a magic byte, the format's version, the numbers of features and rows, then
 * column after column: features, label, weights if there are any, hashes, orders. Before the values
 * of a feature and of the label stand the number of their texts and the texts.
 *
 * <p>Each column starts with the width of its values. Doubles that are small whole numbers, as most
 * business data are, take one, two or four bytes, with the smallest value of the width for NaN; a
 * column of one repeated value takes that value once.
 */
final class RowBlockFormat {
  static final int MAXIMUM_FEATURES = 1 << 16;

  private static final int MAGIC = 0xB1;
  private static final int VERSION = 2;

  /** Added to a column's width where its one value is written once. */
  private static final int REPEATED = 0x10;

  private static final int CHUNK_BYTES = 1 << 13;

  private RowBlockFormat() {}

  static void write(RowBlock block, DataOutput out) throws IOException {
    out.writeByte(MAGIC);
    out.writeByte(VERSION);
    out.writeInt(block.features());
    out.writeInt(block.rows());
    byte[] chunk = new byte[CHUNK_BYTES];
    long[] scratch = new long[block.rows()];
    for (int f = 0; f < block.features(); f++) {
      writeTexts(block.dictionary(f), out);
      writeDoubles(block.column(f), scratch, chunk, out);
    }
    writeTexts(block.classes(), out);
    writeDoubles(block.labels(), scratch, chunk, out);
    double[] weights = block.weights();
    out.writeBoolean(weights != null);
    if (weights != null) {
      writeDoubles(weights, scratch, chunk, out);
    }
    writeLongs(block.hashes(), width(block.hashes()), chunk, out);
    writeLongs(block.orders(), width(block.orders()), chunk, out);
  }

  static RowBlock read(DataInput in) throws IOException {
    int magic = in.readUnsignedByte();
    int version = in.readUnsignedByte();
    if (magic != MAGIC || version != VERSION) {
      throw new IOException(
          "cannot read rows: they must start with %02x%02x, but start with %02x%02x"
              .formatted(MAGIC, VERSION, magic, version));
    }
    int features = in.readInt();
    int rows = in.readInt();
    if (features < 1 || features > MAXIMUM_FEATURES || rows < 0) {
      throw new IOException("cannot read " + rows + " rows of " + features + " features");
    }
    byte[] chunk = new byte[CHUNK_BYTES];
    double[][] columns = new double[features][];
    List<List<String>> dictionaries = new ArrayList<>(features);
    for (int f = 0; f < features; f++) {
      dictionaries.add(readTexts(in));
      columns[f] = readDoubles(rows, chunk, in);
    }
    List<String> classes = readTexts(in);
    double[] labels = readDoubles(rows, chunk, in);
    double[] weights = in.readBoolean() ? readDoubles(rows, chunk, in) : null;
    long[] hashes = new long[rows];
    readLongs(hashes, chunk, in);
    long[] orders = new long[rows];
    readLongs(orders, chunk, in);
    return new RowBlock(columns, dictionaries, labels, classes, weights, hashes, orders);
  }

  private static void writeTexts(List<String> texts, DataOutput out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(utf8.length);
      out.write(utf8);
    }
  }

  private static List<String> readTexts(DataInput in) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new IOException("cannot read " + count + " texts of rows");
    }
    List<String> texts = new ArrayList<>(Math.min(count, CHUNK_BYTES));
    for (int i = 0; i < count; i++) {
      int length = in.readInt();
      if (length < 0) {
        throw new IOException("cannot read a text of " + length + " bytes");
      }
      byte[] utf8 = new byte[length];
      in.readFully(utf8);
      texts.add(new String(utf8, StandardCharsets.UTF_8));
    }
    return Collections.unmodifiableList(texts);
  }

  private static void writeDoubles(double[] values, long[] scratch, byte[] chunk, DataOutput out)
      throws IOException {
    int width = width(values);
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      if (width == Long.BYTES) {
        scratch[i] = Double.doubleToLongBits(value);
      } else {
        scratch[i] = Double.isNaN(value) ? smallest(width) : (long) value;
      }
    }
    writeLongs(scratch, width, chunk, out);
  }

  private static double[] readDoubles(int rows, byte[] chunk, DataInput in) throws IOException {
    long[] bits = new long[rows];
    int width = readLongs(bits, chunk, in);
    double[] values = new double[rows];
    for (int i = 0; i < rows; i++) {
      if (width == Long.BYTES) {
        values[i] = Double.longBitsToDouble(bits[i]);
      } else {
        values[i] = bits[i] == smallest(width) ? Double.NaN : bits[i];
      }
    }
    return values;
  }

  /** The fewest bytes that hold every value exactly as a whole number, or 8 for the plain bits. */
  private static int width(double[] values) {
    double low = 0;
    double high = 0;
    for (double value : values) {
      if (Double.isNaN(value)) {
        continue;
      }
      if (Double.doubleToRawLongBits((int) value) != Double.doubleToRawLongBits(value)) {
        return Long.BYTES;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return width((long) low, (long) high);
  }

  private static int width(long[] values) {
    long low = 0;
    long high = 0;
    for (long value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return width(low, high);
  }

  private static int width(long low, long high) {
    for (int width = Byte.BYTES; width < Long.BYTES; width *= 2) {
      if (low > smallest(width) && high < -smallest(width)) {
        return width;
      }
    }
    return Long.BYTES;
  }

  private static long smallest(int width) {
    return -1L << (Byte.SIZE * width - 1);
  }

  private static void writeLongs(long[] values, int width, byte[] chunk, DataOutput out)
      throws IOException {
    boolean repeated = values.length > 1;
    for (int i = 1; repeated && i < values.length; i++) {
      repeated = values[i] == values[0];
    }
    out.writeByte(repeated ? width | REPEATED : width);
    int count = repeated ? 1 : values.length;
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    for (int i = 0; i < count; i++) {
      if (buffer.remaining() < width) {
        out.write(chunk, 0, buffer.position());
        buffer.clear();
      }
      switch (width) {
        case Byte.BYTES -> buffer.put((byte) values[i]);
        case Short.BYTES -> buffer.putShort((short) values[i]);
        case Integer.BYTES -> buffer.putInt((int) values[i]);
        default -> buffer.putLong(values[i]);
      }
    }
    out.write(chunk, 0, buffer.position());
  }

  /** Fills {@code values} and returns the width that they had. */
  private static int readLongs(long[] values, byte[] chunk, DataInput in) throws IOException {
    int head = in.readUnsignedByte();
    int width = head & ~REPEATED;
    if (width < 1 || width > Long.BYTES || Integer.bitCount(width) != 1) {
      throw new IOException("cannot read a column of rows: unknown width " + head);
    }
    boolean repeated = head != width;
    int count = repeated ? Math.min(1, values.length) : values.length;
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    int perChunk = CHUNK_BYTES / width;
    for (int start = 0; start < count; start += perChunk) {
      int end = Math.min(count, start + perChunk);
      in.readFully(chunk, 0, (end - start) * width);
      buffer.clear();
      for (int i = start; i < end; i++) {
        values[i] =
            switch (width) {
              case Byte.BYTES -> buffer.get();
              case Short.BYTES -> buffer.getShort();
              case Integer.BYTES -> buffer.getInt();
              default -> buffer.getLong();
            };
      }
    }
    if (repeated) {
      Arrays.fill(values, values.length == 0 ? 0 : values[0]);
    }
    return width;
  }
}
