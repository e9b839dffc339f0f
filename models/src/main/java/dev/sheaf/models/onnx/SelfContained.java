package dev.sheaf.models.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Map;

/**
 * Refuses models that would read files beside them, before ONNX Runtime sees them.
 *
 * <p>A model of a key comes as bytes and has no folder, so ONNX Runtime would look for its external
 * data in the worker's own. The file is gone through without making objects of it, and by what the
 * bytes say, not by what a library's version of the format knows of: wherever a tensor may lie
 * (initializers, sparse ones, attributes, graphs in nodes, functions, graphs for training).
 */
final class SelfContained {
  /** Far more than the model of a key has, and what protobuf reads without overflow. */
  private static final int LARGEST_BYTES = 1 << 30;

  /** As deep as protobuf itself reads. */
  private static final int DEEPEST = 100;

  private static final int EXTERNAL_DATA = 13;
  private static final int DATA_LOCATION = 14;

  /** ONNX Runtime's own format, which it takes by these letters after the first four bytes. */
  private static final byte[] ORT_FORMAT = {'O', 'R', 'T', 'M'};

  /** The messages of the format onnx.proto, with the fields that lead to tensors. */
  private enum Message {
    MODEL,
    TRAINING,
    GRAPH,
    FUNCTION,
    NODE,
    ATTRIBUTE,
    SPARSE,
    TENSOR;

    private Map<Integer, Message> fields() {
      return switch (this) {
        case MODEL -> Map.of(7, GRAPH, 20, TRAINING, 25, FUNCTION);
        case TRAINING -> Map.of(1, GRAPH, 2, GRAPH);
        case GRAPH -> Map.of(1, NODE, 5, TENSOR, 15, SPARSE);
        case FUNCTION -> Map.of(7, NODE, 11, ATTRIBUTE);
        case NODE -> Map.of(5, ATTRIBUTE);
        case ATTRIBUTE ->
            Map.of(5, TENSOR, 6, GRAPH, 10, TENSOR, 11, GRAPH, 22, SPARSE, 23, SPARSE);
        case SPARSE -> Map.of(1, TENSOR, 2, TENSOR);
        case TENSOR -> Map.of();
      };
    }
  }

  private SelfContained() {}

  /**
   * Checks a model.
   *
   * @throws OnnxFailure if it is too large, damaged, or has data in other files
   */
  static void check(byte[] onnx) {
    checkSize(onnx.length);
    boolean otherFormat = onnx.length >= 2 * ORT_FORMAT.length;
    for (int i = 0; otherFormat && i < ORT_FORMAT.length; i++) {
      otherFormat = onnx[ORT_FORMAT.length + i] == ORT_FORMAT[i];
    }
    if (otherFormat) {
      throw new OnnxFailure(
          "cannot load a model: its bytes are of ONNX Runtime's own format; valid is ONNX");
    }
    try {
      check(CodedInputStream.newInstance(onnx), Message.MODEL, 0);
    } catch (IOException e) {
      throw damaged(onnx.length, String.valueOf(e.getMessage()), e);
    }
  }

  static void checkSize(long bytes) {
    if (bytes > LARGEST_BYTES) {
      throw new OnnxFailure(
          "cannot load a model of " + bytes + " bytes for a key; valid are up to " + LARGEST_BYTES);
    }
  }

  private static OnnxFailure damaged(int length, String why, Throwable cause) {
    return new OnnxFailure(
        "cannot load a model: its "
            + length
            + " bytes are no ONNX file, or one that is damaged or cut short: "
            + why,
        cause);
  }

  private static void check(CodedInputStream in, Message message, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("more than " + DEEPEST + " messages lie in each other");
    }
    Map<Integer, Message> fields = message.fields();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      int wire = WireFormat.getTagWireType(tag);
      Message inner = wire == WireFormat.WIRETYPE_LENGTH_DELIMITED ? fields.get(field) : null;
      if (inner != null) {
        int limit = in.pushLimit(in.readRawVarint32());
        check(in, inner, depth + 1);
        in.checkLastTagWas(0);
        in.popLimit(limit);
      } else if (message == Message.TENSOR && leadsOutside(in, field, wire)) {
        throw new OnnxFailure(
            "cannot load a model of a key that has external data: it is given as bytes and has no"
                + " folder; save it with its weights inside, or load it with OnnxModel.at(location)");
      } else if (!(message == Message.TENSOR
              && field == DATA_LOCATION
              && wire == WireFormat.WIRETYPE_VARINT)
          && !in.skipField(tag)) {
        throw new IOException("a group ends that did not begin");
      }
    }
  }

  /** Reads the number that says where a tensor lies, and nothing else. */
  private static boolean leadsOutside(CodedInputStream in, int field, int wire) throws IOException {
    return field == EXTERNAL_DATA
        || (field == DATA_LOCATION
            && wire == WireFormat.WIRETYPE_VARINT
            && in.readRawVarint64() != 0);
  }
}
