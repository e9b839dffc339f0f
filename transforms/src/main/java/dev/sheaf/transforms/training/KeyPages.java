package dev.sheaf.transforms.training;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Blocks of rows of several keys as bytes: for each its key, the number of rows that were seen for
 * it, and the block in its own form.
 *
 * <p>Rows travel so: one element holds what a bundle has of many keys, and runners that copy
 * elements copy bytes.
 */
final class KeyPages {
  private KeyPages() {}

  /** Takes what a page holds. */
  interface Visitor {
    /**
     * Takes the rows of one key.
     *
     * @param seen how many rows there were, where the block is a sample of them
     * @param from where the block begins in the page
     */
    void rows(String key, long seen, byte[] page, int from, int length) throws IOException;
  }

  /** Writes a block, or anything that stands for one. */
  interface Writable {
    void writeTo(DataOutputStream out) throws IOException;
  }

  /** Collects the blocks of one page. */
  static final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();

    void add(String key, long seen, Writable rows) {
      try {
        block.reset();
        rows.writeTo(new DataOutputStream(block));
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        out.writeInt(name.length);
        out.write(name);
        out.writeLong(seen);
        out.writeInt(block.size());
        block.writeTo(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] toBytes() {
      return bytes.toByteArray();
    }
  }

  static void visit(byte[] page, Visitor visitor) throws IOException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(page);
    DataInputStream in = new DataInputStream(bytes);
    while (bytes.available() > 0) {
      byte[] name = new byte[in.readInt()];
      in.readFully(name);
      long seen = in.readLong();
      int length = in.readInt();
      int from = page.length - bytes.available();
      visitor.rows(new String(name, StandardCharsets.UTF_8), seen, page, from, length);
      in.skipNBytes(length);
    }
  }
}
