package dev.sheaf.models.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the zip of a shard: the same bytes for the same models, on any machine.
 *
 * <p>Entries are stored, not compressed: what a deflater makes depends on the machine's zlib, and a
 * stored model is one range read. Every entry has the same time.
 */
final class ShardZip {
  // Java takes the very first time a zip can hold for "earlier than that", and then adds another
  // one that depends on the time zone.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private ShardZip() {}

  /** Writes models that are in the order of their keys and says where each one went. */
  static List<IndexEntry> write(OutputStream out, int shard, List<CandidateModel> models)
      throws IOException {
    List<IndexEntry> entries = new ArrayList<>(models.size());
    Counting counting = new Counting(out);
    ZipOutputStream zip = new ZipOutputStream(counting);
    zip.setMethod(ZipOutputStream.STORED);
    for (CandidateModel model : models) {
      String name = Keys.entryName(model.key());
      byte[] onnx = model.onnx();
      ZipEntry entry = new ZipEntry(name);
      entry.setTimeLocal(TIME);
      entry.setSize(onnx.length);
      entry.setCompressedSize(onnx.length);
      CRC32 crc = new CRC32();
      crc.update(onnx);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      entries.add(
          new IndexEntry(
              model.key(),
              shard,
              name,
              counting.count,
              onnx.length,
              model.digest(),
              model.rows(),
              model.metrics(),
              EntryStatus.STORED));
      zip.write(onnx);
      zip.closeEntry();
    }
    zip.finish();
    zip.flush();
    return entries;
  }

  private static final class Counting extends FilterOutputStream {
    private long count;

    Counting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
      count += length;
    }
  }
}
