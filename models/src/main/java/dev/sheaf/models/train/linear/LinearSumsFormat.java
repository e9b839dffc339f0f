package dev.sheaf.models.train.linear;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of {@link LinearSums}: a version, the rows, the column that is too full or else the
 * moments. Numbers of rows take seven bits a byte, and so do the weights of pairs of flags if all
 * weights are 1; every other number is a double.
 */
final class LinearSumsFormat {
  private static final int VERSION = 0xA1;
  private static final int FLAGS = 1;
  private static final int WEIGHTED = 2;

  private LinearSumsFormat() {}

  static void write(LinearSums sums, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    writeLong(sums.rows(), out);
    writeLong(sums.overfull() + 1, out);
    if (sums.overfull() != LinearSums.NO_COLUMN || sums.rows() == 0) {
      return;
    }
    Moments moments = sums.moments();
    Flags flags = moments.flags();
    boolean weighted = weighted(moments);
    out.writeByte((flags.count() > 0 ? FLAGS : 0) | (weighted ? WEIGHTED : 0));
    if (weighted) {
      out.writeDouble(moments.weight());
    }
    writeDoubles(moments.means(), out);
    writeDoubles(moments.totals(), out);
    writeDoubles(moments.products(), out);
    if (flags.count() > 0) {
      writeFlags(flags, weighted, out);
    }
  }

  private static boolean weighted(Moments moments) {
    boolean weighted = moments.weight() != moments.rows();
    Flags flags = moments.flags();
    for (int k = 0; k < flags.count(); k++) {
      weighted |= flags.weight(k) != flags.count(k);
    }
    for (double pair : flags.pairs()) {
      weighted |= pair != (long) pair;
    }
    return weighted;
  }

  private static void writeFlags(Flags flags, boolean weighted, DataOutput out) throws IOException {
    for (List<Category> vocabulary : flags.vocabularies()) {
      writeLong(vocabulary.size(), out);
      for (Category category : vocabulary) {
        out.writeDouble(category.number());
        if (category.number() == 0) {
          byte[] utf8 = category.text().getBytes(StandardCharsets.UTF_8);
          writeLong(utf8.length, out);
          out.write(utf8);
        }
      }
    }
    for (long count : flags.counts()) {
      writeLong(count, out);
    }
    if (weighted) {
      writeDoubles(flags.weights(), out);
    }
    writeDoubles(flags.sums(), out);
    for (double pair : flags.pairs()) {
      if (weighted) {
        out.writeDouble(pair);
      } else {
        writeLong((long) pair, out);
      }
    }
  }

  static LinearSums read(Columns layout, DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException(
          "cannot read sums: they must start with %02x, but start with %02x"
              .formatted(VERSION, version));
    }
    long rows = readLong(in);
    long overfull = readLong(in) - 1;
    if (overfull >= layout.categories().size()) {
      throw new IOException("cannot read sums: they tell of a column " + overfull);
    }
    if (overfull >= 0 || rows == 0) {
      return new LinearSums(layout, rows, Moments.none(layout), (int) overfull);
    }
    int head = in.readUnsignedByte();
    boolean weighted = (head & WEIGHTED) != 0;
    double weight = weighted ? in.readDouble() : rows;
    int columns = layout.numbers().size() + 1;
    double[] means = readDoubles(new double[columns], in);
    double[] totals = readDoubles(new double[columns], in);
    double[] products = readDoubles(new double[columns * (columns + 1) / 2], in);
    Flags flags = (head & FLAGS) == 0 ? layout.noFlags() : readFlags(layout, columns, weighted, in);
    return new LinearSums(
        layout,
        rows,
        new Moments(rows, weight, means, totals, products, flags),
        LinearSums.NO_COLUMN);
  }

  private static Flags readFlags(Columns layout, int columns, boolean weighted, DataInput in)
      throws IOException {
    int sources = columns + layout.categories().size();
    List<List<Category>> vocabularies = new ArrayList<>(sources);
    for (int s = 0; s < sources; s++) {
      long size = readLong(in);
      if (size > LinearSums.MAXIMUM_CATEGORIES + 1) {
        throw new IOException("cannot read sums: they tell of " + size + " categories");
      }
      List<Category> vocabulary = new ArrayList<>((int) size);
      for (int i = 0; i < size; i++) {
        vocabulary.add(readCategory(in));
      }
      vocabularies.add(List.copyOf(vocabulary));
    }
    Flags flags = Flags.of(vocabularies, columns);
    for (int k = 0; k < flags.count(); k++) {
      flags.counts()[k] = readLong(in);
      flags.weights()[k] = flags.counts()[k];
    }
    if (weighted) {
      readDoubles(flags.weights(), in);
    }
    readDoubles(flags.sums(), in);
    for (int i = 0; i < flags.pairs().length; i++) {
      flags.pairs()[i] = weighted ? in.readDouble() : readLong(in);
    }
    return flags;
  }

  private static Category readCategory(DataInput in) throws IOException {
    double number = in.readDouble();
    if (number != 0) {
      return Category.of(number);
    }
    long length = readLong(in);
    if (length > Integer.MAX_VALUE) {
      throw new IOException("cannot read a category of " + length + " bytes");
    }
    byte[] utf8 = new byte[(int) length];
    in.readFully(utf8);
    return new Category(new String(utf8, StandardCharsets.UTF_8), 0);
  }

  private static void writeDoubles(double[] values, DataOutput out) throws IOException {
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static double[] readDoubles(double[] into, DataInput in) throws IOException {
    for (int i = 0; i < into.length; i++) {
      into[i] = in.readDouble();
    }
    return into;
  }

  /** Seven bits a byte, the lowest first. */
  private static void writeLong(long value, DataOutput out) throws IOException {
    long rest = value;
    while (rest > 0x7F) {
      out.writeByte((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  private static long readLong(DataInput in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE - 1; shift += 7) {
      int bits = in.readUnsignedByte();
      value |= (long) (bits & 0x7F) << shift;
      if (bits < 0x80) {
        return value;
      }
    }
    throw new IOException("cannot read a number of rows: it takes more than nine bytes");
  }
}
