package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.VersionId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the version into a model's metadata, so that the file alone says where it is from. */
final class VersionStamp {
  private static final int METADATA_PROPS = 14 << 3 | 2;

  private VersionStamp() {}

  static CandidateModel stamp(CandidateModel model, VersionId version) {
    return model.withOnnx(withProperty(model.onnx(), "version", version.text()));
  }

  // ModelProto.metadata_props is field 14, a repeated StringStringEntryProto {1: key, 2: value};
  // protobuf reads a repeated field from anywhere in the message, so it may be appended.
  // https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
  private static byte[] withProperty(byte[] onnx, String name, String value) {
    ByteArrayOutputStream property = new ByteArrayOutputStream();
    field(property, 1 << 3 | 2, name.getBytes(StandardCharsets.UTF_8));
    field(property, 2 << 3 | 2, value.getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream(onnx.length + property.size() + 8);
    out.writeBytes(onnx);
    field(out, METADATA_PROPS, property.toByteArray());
    return out.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int tag, byte[] bytes) {
    out.write(tag);
    int left = bytes.length;
    for (; left > 0x7f; left >>>= 7) {
      out.write((left & 0x7f) | 0x80);
    }
    out.write(left);
    out.writeBytes(bytes);
  }
}
