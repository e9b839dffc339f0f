package dev.sheaf.models.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads a part's ledger by one read from its beginning, and single keys by ranges. */
final class PartLedger {
  private static final int SIGNATURE = 0x04034b50;
  private static final int FIRST_READ = 1 << 16;

  private final byte[] bytes;
  private final int start;
  private final int end;
  private final List<Line> lines = new ArrayList<>();

  private PartLedger(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** A line and where it lies in the file. */
  record Line(PartLine line, long at, int length) {}

  List<Line> lines() {
    return lines;
  }

  /** Where the ledger ends in the file; models are placed from there. */
  long end() {
    return end;
  }

  /**
   * Reads and checks the ledger, and that the file is long enough for its models.
   *
   * @throws IOException if the file is missing, cut short, changed or of another run
   */
  static PartLedger read(StoreFiles files, String file, String runId) throws IOException {
    try (SeekableByteChannel channel = files.open(file)) {
      long size = channel.size();
      byte[] first = read(channel, 0, (int) Math.min(size, FIRST_READ));
      ByteBuffer header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
      if (size < PartFile.LOCAL_HEADER + PartFile.LEDGER.length()
          || header.getInt(0) != SIGNATURE
          || header.getShort(8) != 0
          || !PartFile.LEDGER.equals(name(first, header.getShort(26) & 0xffff))) {
        throw new IOException("it is no zip that begins with " + PartFile.LEDGER);
      }
      long crc = header.getInt(14) & 0xffffffffL;
      long length = header.getInt(22) & 0xffffffffL;
      int start = PartFile.LOCAL_HEADER + PartFile.LEDGER.length() + (header.getShort(28) & 0xffff);
      if (start + length > Math.min(size, Integer.MAX_VALUE - 8)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "it is cut short: it has %d bytes and its ledger ends at %d",
                size,
                start + length));
      }
      int end = (int) (start + length);
      byte[] bytes = end <= first.length ? first : read(channel, 0, end);
      if (PartFile.crc(bytes, start, end - start) != crc) {
        throw new IOException("it was changed: its ledger does not have its checksum");
      }
      PartLedger ledger = new PartLedger(bytes, start, end);
      ledger.parse(runId, size);
      return ledger;
    }
  }

  /** Reads one line and the bytes of its model. */
  static FinishedKey finished(StoreFiles files, String file, Place place) throws IOException {
    try (SeekableByteChannel channel = files.open(file)) {
      byte[] json = read(channel, place.lineAt(), place.lineBytes());
      PartLine line = PartLine.parse(json, 0, json.length);
      FinishedKey key = line.finished();
      if (key == null) {
        throw new IOException("key \"" + line.key() + "\" was skipped in it");
      }
      PartLine.Model model = line.model();
      if (model == null) {
        return key;
      }
      byte[] onnx = read(channel, place.ledgerEnd() + model.offset(), model.bytes());
      if (PartFile.crc(onnx) != model.crc()) {
        throw new IOException(
            "it was changed: the model of key \"" + key.key() + "\" does not have its checksum");
      }
      return new FinishedKey(key.key(), key.status(), key.fingerprint(), key.ledger(), onnx);
    }
  }

  private static String name(byte[] file, int length) {
    return length > file.length - PartFile.LOCAL_HEADER
        ? ""
        : new String(file, PartFile.LOCAL_HEADER, length, StandardCharsets.UTF_8);
  }

  private void parse(String runId, long size) throws IOException {
    int at = start;
    int next = lineEnd(at);
    JsonNode head = Json.parseDocument(bytes, at, next - at);
    if (!Json.text(head, "run").equals(runId)) {
      throw new IOException("it is of run \"" + Json.text(head, "run") + "\"");
    }
    long needed = end + Json.number(head, "modelBytes");
    if (size < needed) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it is cut short: it has %d bytes and its models end at %d",
              size,
              needed));
    }
    for (at = next; at < end; at = next) {
      next = lineEnd(at);
      lines.add(new Line(PartLine.parse(bytes, at, next - at), at, next - at));
    }
    if (lines.size() != Json.number(head, "lines")) {
      throw new IOException("it has " + lines.size() + " lines, not " + head.get("lines"));
    }
  }

  private int lineEnd(int from) {
    int at = from;
    while (at < end && bytes[at] != '\n') {
      at++;
    }
    return Math.min(at + 1, end);
  }

  private static byte[] read(SeekableByteChannel channel, long at, int length) throws IOException {
    byte[] bytes = new byte[length];
    // Closing the stream would close the channel, which is not this method's to close.
    InputStream in = Channels.newInputStream(channel.position(at));
    int read = in.readNBytes(bytes, 0, length);
    if (read < length) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it is cut short: it ends at byte %d where %d are expected",
              at + read,
              at + length));
    }
    return bytes;
  }
}
