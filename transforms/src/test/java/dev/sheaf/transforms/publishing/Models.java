package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.VersionId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Small models to publish: an ONNX message with a version of the format and a text. */
final class Models {
  static final VersionId FIRST = VersionId.at(Instant.parse("2026-11-01T01:02:03.004Z"));
  static final VersionId SECOND = VersionId.at(Instant.parse("2026-11-02T05:06:07.008Z"));
  static final VersionId THIRD = VersionId.at(Instant.parse("2026-11-03T09:10:11.012Z"));

  private Models() {}

  static CandidateModel model(String key, String text, double rmse) {
    return CandidateModel.of(key, onnx(text), 100, Map.of("rmse", rmse, "mae", rmse / 2));
  }

  static CandidateModel withoutRmse(String key, String text) {
    return CandidateModel.of(key, onnx(text), 100, Map.of("mae", 1.0));
  }

  /** The version that serves a key and the text of its model, read back through the champion. */
  static String served(ModelStore store, String key) {
    ResolvedModels models = store.champion().resolve();
    return models
        .find(key)
        .map(ref -> ref.version() + " " + text(models.load(ref)))
        .orElse("nothing");
  }

  // ModelProto: ir_version is field 1, a varint; doc_string is field 6, a text under 128 bytes.
  private static byte[] onnx(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x08, 9, 0x32, (byte) bytes.length});
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  static String text(byte[] onnx) {
    return new String(onnx, 4, onnx[3], StandardCharsets.UTF_8);
  }
}
