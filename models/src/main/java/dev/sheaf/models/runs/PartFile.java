package dev.sheaf.models.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.models.store.Keys;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a part: an ordinary zip with {@code ledger.jsonl} first and then one {@code .onnx} per
 * model.
 *
 * <p>Nothing is compressed, so that the ledger is one read from the file's beginning and a model
 * one range read. The ledger's first line says of which run and attempt the part is and how many
 * bytes of models follow; each further line is a key. Models are placed by bytes counted from the
 * ledger's end.
 */
final class PartFile {
  static final String LEDGER = "ledger.jsonl";

  /** Bytes of a zip's local header before the name. */
  static final int LOCAL_HEADER = 30;

  private static final int BUFFER_BYTES = 1 << 16;
  // The first moment a zip can hold that no reader takes for "none".
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final byte[] ledger;
  private final Map<PartLine.Model, byte[]> models;

  private PartFile(byte[] ledger, Map<PartLine.Model, byte[]> models) {
    this.ledger = ledger;
    this.models = models;
  }

  /** A key and when it was finished. */
  record Timed(FinishedKey key, Instant at) {}

  /**
   * Lays out a part.
   *
   * @param finished no key twice
   * @param skipped keys and when they were skipped
   */
  static PartFile of(RunStart run, Collection<Timed> finished, Map<String, Instant> skipped) {
    List<PartLine> lines = new ArrayList<>(finished.size() + skipped.size());
    Map<PartLine.Model, byte[]> models = new LinkedHashMap<>();
    long end = 0;
    for (Timed timed : finished) {
      FinishedKey key = timed.key();
      byte @Nullable [] onnx = key.onnx();
      PartLine.Model model = null;
      if (onnx != null) {
        String entry = Keys.entryName(key.key());
        long offset = end + LOCAL_HEADER + entry.length();
        model = new PartLine.Model(entry, offset, onnx.length, crc(onnx));
        models.put(model, onnx);
        end = offset + onnx.length;
      }
      lines.add(new PartLine(key.key(), timed.at(), key, model));
    }
    skipped.forEach((key, at) -> lines.add(new PartLine(key, at, null, null)));

    ByteArrayOutputStream ledger = new ByteArrayOutputStream();
    JsonNode head =
        Json.document()
            .put("run", run.runId())
            .put("attempt", run.attempt())
            .put("lines", lines.size())
            .put("modelBytes", end);
    ledger.writeBytes(Json.line(head));
    for (PartLine line : lines) {
      ledger.writeBytes(line.toJson());
    }
    return new PartFile(ledger.toByteArray(), models);
  }

  void writeTo(OutputStream out) throws IOException {
    BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER_BYTES);
    ZipOutputStream zip = new ZipOutputStream(buffered);
    zip.setMethod(ZipOutputStream.STORED);
    write(zip, LEDGER, ledger, crc(ledger));
    for (Map.Entry<PartLine.Model, byte[]> model : models.entrySet()) {
      write(zip, model.getKey().entry(), model.getValue(), model.getKey().crc());
    }
    zip.finish();
    buffered.flush();
  }

  static long crc(byte[] bytes) {
    return crc(bytes, 0, bytes.length);
  }

  static long crc(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return crc.getValue();
  }

  private static void write(ZipOutputStream zip, String name, byte[] bytes, long crc)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(crc);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
