package dev.sheaf.models.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of a part's ledger: a key that was finished, or one that was skipped.
 *
 * @param key the key
 * @param at when it was finished or skipped
 * @param finished what came of it, without its model; null if it was skipped
 * @param model where its model lies; null if there is none
 */
record PartLine(String key, Instant at, @Nullable FinishedKey finished, @Nullable Model model) {

  /** A model's place, counted from the end of the ledger, and its checksum. */
  record Model(String entry, long offset, int bytes, long crc) {}

  byte[] toJson() {
    ObjectNode node = Json.object().put("key", key).put("at", at.toString());
    FinishedKey done = finished;
    if (done == null) {
      return Json.line(node.put("skipped", true));
    }
    node.put("status", done.status()).put("fingerprint", done.fingerprint());
    node.set("ledger", Json.texts(done.ledger()));
    Model stored = model;
    if (stored != null) {
      node.putObject("model")
          .put("entry", stored.entry())
          .put("offset", stored.offset())
          .put("bytes", stored.bytes())
          .put("crc32", stored.crc());
    }
    return Json.line(node);
  }

  static PartLine parse(byte[] bytes, int from, int length) throws IOException {
    JsonNode node = Json.parse(bytes, from, length);
    String key = Json.text(node, "key");
    Instant at = Json.instant(node, "at");
    if (node.path("skipped").asBoolean()) {
      return new PartLine(key, at, null, null);
    }
    Map<String, String> ledger = Json.texts(node, "ledger");
    FinishedKey finished;
    try {
      finished =
          new FinishedKey(
              key, Json.text(node, "status"), Json.text(node, "fingerprint"), ledger, null);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    JsonNode model = node.get("model");
    return new PartLine(key, at, finished, model == null ? null : model(model));
  }

  private static Model model(JsonNode node) throws IOException {
    long bytes = Json.number(node, "bytes");
    if (bytes < 0 || bytes > Integer.MAX_VALUE) {
      throw new IOException("a model cannot have " + bytes + " bytes");
    }
    return new Model(
        Json.text(node, "entry"),
        Json.number(node, "offset"),
        (int) bytes,
        Json.number(node, "crc32"));
  }
}
