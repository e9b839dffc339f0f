package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;

/** Small graphs that put together, choose and lengthen texts inside ONNX Runtime, for texts. */
final class TextGraphs {
  /** The places of the bytes among {@link #withBytes}; the texts follow. */
  static final int BYTE_VALUES = 1 << Byte.SIZE;

  /** The first version with StringConcat; ONNX Runtime 1.17 and later know it. */
  private static final int OPSET = 20;

  private static final int IR_VERSION = 9;
  private static final int STRING = TensorProto.DataType.STRING.getNumber();
  private static final int INT64 = TensorProto.DataType.INT64.getNumber();

  private TextGraphs() {}

  /** Opened when the first such text comes. */
  private static final class Bytes {
    private static final OrtSession SESSION = open(bytes());
  }

  /** Opened when the first such text comes. */
  private static final class Join {
    private static final OrtSession SESSION = open(joining());
  }

  /** Opened when the first such text comes. */
  private static final class Pairs {
    private static final OrtSession SESSION = open(pairing());
  }

  /** Opened when the first such text comes. */
  private static final class Pick {
    private static final OrtSession SESSION = open(picking());
  }

  /** Opened when the first such text comes. */
  private static final class Append {
    private static final OrtSession SESSION = open(appending());
  }

  /** Each byte as a text of its own, and some texts behind them. */
  static OnnxTensor withBytes(String[] texts) throws OrtException {
    try (OnnxTensor more = texts(texts)) {
      return run(Bytes.SESSION, Map.of("texts", more));
    }
  }

  /** Some texts and others behind them. */
  static OnnxTensor join(OnnxTensor first, OnnxTensor second) throws OrtException {
    return run(Join.SESSION, Map.of("first", first, "second", second));
  }

  /** For each pair of places the texts there, joined. */
  static OnnxTensor pairs(OnnxTensor texts, long[] left, long[] right) throws OrtException {
    try (OnnxTensor lefts = longs(left);
        OnnxTensor rights = longs(right)) {
      return run(Pairs.SESSION, Map.of("texts", texts, "left", lefts, "right", rights));
    }
  }

  /** The texts at some places of a tensor of any shape, counted through. */
  static OnnxTensor pick(OnnxTensor texts, long[] places, long... shape) throws OrtException {
    try (OnnxTensor wanted = longs(places);
        OnnxTensor shaped = longs(shape)) {
      return run(Pick.SESSION, Map.of("texts", texts, "places", wanted, "shape", shaped));
    }
  }

  /** The texts of a tensor with the same characters added at the end of each. */
  static OnnxTensor append(OnnxTensor texts, String end) throws OrtException {
    try (OnnxTensor padding = texts(end)) {
      return run(Append.SESSION, Map.of("texts", texts, "end", padding));
    }
  }

  /** A tensor of texts without characters beyond U+FFFF. */
  static OnnxTensor texts(String... texts) throws OrtException {
    return OnnxTensor.createTensor(Environment.get(), texts, new long[] {texts.length});
  }

  private static OnnxTensor run(OrtSession session, Map<String, OnnxTensor> inputs)
      throws OrtException {
    return (OnnxTensor) session.run(inputs).get(0);
  }

  private static OnnxTensor longs(long[] values) throws OrtException {
    LongBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, Long.BYTES))
            .order(ByteOrder.nativeOrder())
            .asLongBuffer();
    return OnnxTensor.createTensor(
        Environment.get(), buffer.put(0, values), new long[] {values.length});
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

  private static GraphProto.Builder bytes() {
    TensorProto.Builder table =
        TensorProto.newBuilder().setName("bytes").setDataType(STRING).addDims(BYTE_VALUES);
    for (int b = 0; b < BYTE_VALUES; b++) {
      table.addStringData(ByteString.copyFrom(new byte[] {(byte) b}));
    }
    return graph("bytes", value("texts", STRING))
        .addInitializer(table)
        .addNode(joined("bytes", "texts"));
  }

  private static GraphProto.Builder joining() {
    return graph("join", value("first", STRING), value("second", STRING))
        .addNode(joined("first", "second"));
  }

  private static NodeProto joined(String first, String second) {
    return node("Concat", List.of(first, second), "out").toBuilder()
        .addAttribute(Attributes.of("axis", 0))
        .build();
  }

  private static GraphProto.Builder pairing() {
    return graph("pairs", value("texts", STRING), value("left", INT64), value("right", INT64))
        .addNode(node("Gather", List.of("texts", "left"), "lefts"))
        .addNode(node("Gather", List.of("texts", "right"), "rights"))
        .addNode(node("StringConcat", List.of("lefts", "rights"), "out"));
  }

  /**
   * Of texts, ONNX Runtime 1.29 gathers single ones rightly, and of several that follow each other
   * the first alone; so the texts get one dimension.
   */
  private static GraphProto.Builder picking() {
    return graph("pick", value("texts", STRING), value("places", INT64), value("shape", INT64))
        .addInitializer(
            TensorProto.newBuilder().setName("flat").setDataType(INT64).addDims(1).addInt64Data(-1))
        .addNode(node("Reshape", List.of("texts", "flat"), "all"))
        .addNode(node("Gather", List.of("all", "places"), "some"))
        .addNode(node("Reshape", List.of("some", "shape"), "out"));
  }

  private static GraphProto.Builder appending() {
    return graph("append", value("texts", STRING), value("end", STRING))
        .addNode(node("StringConcat", List.of("texts", "end"), "out"));
  }

  private static GraphProto.Builder graph(String name, ValueInfoProto... inputs) {
    return GraphProto.newBuilder()
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOutput(value("out", STRING));
  }

  private static NodeProto node(String operator, List<String> from, String to) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(from).addOutput(to).build();
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
