package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Two small graphs that make and lengthen texts inside ONNX Runtime, for {@link Texts}. */
final class TextGraphs {
  private static final int BYTES = 4;
  private static final int BYTE_VALUES = 1 << Byte.SIZE;
  private static final int NONE = BYTE_VALUES;

  /** The first version with StringConcat; ONNX Runtime 1.17 and later know it. */
  private static final int OPSET = 20;

  private static final int IR_VERSION = 9;
  private static final int STRING = TensorProto.DataType.STRING.getNumber();
  private static final int INT64 = TensorProto.DataType.INT64.getNumber();
  private static final int BOOL = TensorProto.DataType.BOOL.getNumber();

  private TextGraphs() {}

  /** Opened when the first such text comes. */
  private static final class Join {
    private static final OrtSession SESSION = open(joining());
  }

  /** Opened when the first such text comes. */
  private static final class Append {
    private static final OrtSession SESSION = open(appending());
  }

  /**
   * A tensor of texts, put together from the pieces between their characters beyond U+FFFF and the
   * bytes of these.
   *
   * @param rounds the most pieces of a text
   */
  static OnnxTensor join(String[] texts, int rounds, long[] shape) throws OrtException {
    int n = texts.length;
    String[] pieces = new String[Math.multiplyExact(rounds, n)];
    Arrays.fill(pieces, "");
    LongBuffer bytes = longs(Math.multiplyExact(rounds * BYTES, n));
    for (int i = 0; i < bytes.limit(); i++) {
      bytes.put(i, NONE);
    }
    for (int i = 0; i < n; i++) {
      split(texts[i], i * rounds, pieces, bytes);
    }
    String[] empty = new String[n];
    Arrays.fill(empty, "");
    OrtEnvironment environment = Environment.get();
    try (OnnxTensor start = OnnxTensor.createTensor(environment, empty, new long[] {n});
        OnnxTensor piece = OnnxTensor.createTensor(environment, pieces, new long[] {n, rounds});
        OnnxTensor code =
            OnnxTensor.createTensor(environment, bytes, new long[] {n, rounds, BYTES});
        OnnxTensor count =
            OnnxTensor.createTensor(environment, longs(1).put(0, rounds), new long[] {});
        OnnxTensor wanted =
            OnnxTensor.createTensor(
                environment, longs(shape.length).put(0, shape), new long[] {shape.length})) {
      Map<String, OnnxTensor> inputs =
          Map.of("start", start, "pieces", piece, "bytes", code, "rounds", count, "shape", wanted);
      return (OnnxTensor) Join.SESSION.run(inputs).get(0);
    }
  }

  private static void split(String text, int first, String[] pieces, LongBuffer bytes) {
    int piece = first;
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      int codePoint = text.codePointAt(at);
      if (Character.isSupplementaryCodePoint(codePoint)) {
        pieces[piece] = text.substring(from, at);
        for (int b = 0; b < BYTES; b++) {
          int bits = (codePoint >> (6 * (BYTES - 1 - b))) & 0x3f;
          bytes.put(piece * BYTES + b, (b == 0 ? 0xf0 : 0x80) | bits);
        }
        piece++;
        at++;
        from = at + 1;
      }
    }
    pieces[piece] = text.substring(from);
  }

  private static LongBuffer longs(int length) {
    return ByteBuffer.allocateDirect(length * Long.BYTES)
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  /** The texts of a tensor with the same characters added at the end of each. */
  static OnnxTensor append(OnnxTensor texts, String end) throws OrtException {
    try (OnnxTensor padding =
        OnnxTensor.createTensor(Environment.get(), new String[] {end}, new long[] {1})) {
      return (OnnxTensor) Append.SESSION.run(Map.of("texts", texts, "end", padding)).get(0);
    }
  }

  private static OrtSession open(GraphProto.Builder graph) {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setGraph(graph)
            .build();
    return Sessions.openLean(model.toByteArray(), ExecutionProvider.cpu());
  }

  private static GraphProto.Builder appending() {
    return GraphProto.newBuilder()
        .setName("append")
        .addInput(value("texts", STRING))
        .addInput(value("end", STRING))
        .addOutput(value("longer", STRING))
        .addNode(node("StringConcat", List.of("texts", "end"), "longer"));
  }

  private static GraphProto.Builder joining() {
    TensorProto.Builder table = tensor("table", STRING, BYTE_VALUES + 1);
    for (int b = 0; b < BYTE_VALUES; b++) {
      table.addStringData(ByteString.copyFrom(new byte[] {(byte) b}));
    }
    table.addStringData(ByteString.EMPTY);
    NodeProto loop =
        NodeProto.newBuilder()
            .setOpType("Loop")
            .addInput("rounds")
            .addInput("")
            .addInput("start")
            .addOutput("joined")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("body")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(round()))
            .build();
    return GraphProto.newBuilder()
        .setName("join")
        .addInput(value("start", STRING))
        .addInput(value("pieces", STRING))
        .addInput(value("bytes", INT64))
        .addInput(value("rounds", INT64))
        .addInput(value("shape", INT64))
        .addInitializer(table)
        .addOutput(value("texts", STRING))
        .addNode(loop)
        .addNode(node("Reshape", List.of("joined", "shape"), "texts"));
  }

  /** One round: {@code next = text + piece + four bytes}. */
  private static GraphProto.Builder round() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("round")
            .addInput(scalar("round", INT64))
            .addInput(scalar("going", BOOL))
            .addInput(value("text", STRING))
            .addOutput(value("still", BOOL))
            .addOutput(value("next", STRING))
            .addNode(node("Identity", List.of("going"), "still"))
            .addNode(alongRows("pieces", "round", "piece"))
            .addNode(alongRows("bytes", "round", "codes"))
            .addNode(node("Gather", List.of("table", "codes"), "letters"))
            .addNode(node("StringConcat", List.of("text", "piece"), "with0"));
    for (int b = 0; b < BYTES; b++) {
      graph
          .addInitializer(tensor("at" + b, INT64).addInt64Data(b))
          .addNode(alongRows("letters", "at" + b, "letter" + b))
          .addNode(
              node(
                  "StringConcat",
                  List.of("with" + b, "letter" + b),
                  b == BYTES - 1 ? "next" : "with" + (b + 1)));
    }
    return graph;
  }

  /**
   * Takes one element out of each row. Of texts, ONNX Runtime 1.29 gathers single ones rightly, and
   * of several that follow each other the first alone; so what is gathered lies in the last
   * dimension.
   */
  private static NodeProto alongRows(String from, String index, String to) {
    return node("Gather", List.of(from, index), to).toBuilder()
        .addAttribute(Attributes.of("axis", 1))
        .build();
  }

  private static NodeProto node(String operator, List<String> from, String to) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(from).addOutput(to).build();
  }

  private static TensorProto.Builder tensor(String name, int type, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  private static ValueInfoProto scalar(String name, int type) {
    ValueInfoProto.Builder value = value(name, type).toBuilder();
    value.getTypeBuilder().getTensorTypeBuilder().setShape(TensorShapeProto.getDefaultInstance());
    return value.build();
  }

  /** A value of any shape. */
  private static ValueInfoProto value(String name, int type) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type)))
        .build();
  }
}
