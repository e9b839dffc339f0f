package dev.sheaf.transforms.inference;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Hand-written models for tests. */
final class Graphs {
  private static final int DOUBLE = 11;

  private Graphs() {}

  private static OnnxGraph graph(List<Feature> features, List<String> classes) {
    return OnnxGraph.of(
        new ModelMetadata("k", "LABEL", features, classes, "hand", Map.of(), 1, "none"));
  }

  /** A model that gives its inputs as the digits of a number, in their order, to a base. */
  static byte[] sum(double base, Feature... features) {
    OnnxGraph graph = graph(List.of(features), List.of());
    String sum = graph.constant("zero", new double[] {0}, 1);
    for (Feature feature : features) {
      String scaled =
          graph.node(
              "Mul",
              List.of(sum, graph.constant("factor" + feature.name(), new double[] {base}, 1)),
              graph.name("scaled" + feature.name()));
      sum = graph.node("Add", List.of(scaled, feature.name()), graph.name("sum" + feature.name()));
    }
    graph.node("Identity", List.of(sum), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  /** A model that gives each of some texts in column STATE its place, counted from 1, else -1. */
  static byte[] places(String... texts) {
    OnnxGraph graph = graph(List.of(new Feature("STATE", FeatureType.TEXT_CATEGORY)), List.of());
    graph.node("Identity", List.of(place(graph, texts)), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  private static String place(OnnxGraph graph, String... texts) {
    AttributeProto.Builder keys =
        AttributeProto.newBuilder()
            .setName("keys_strings")
            .setType(AttributeProto.AttributeType.STRINGS);
    AttributeProto.Builder values =
        AttributeProto.newBuilder()
            .setName("values_floats")
            .setType(AttributeProto.AttributeType.FLOATS);
    for (int i = 0; i < texts.length; i++) {
      keys.addStrings(ByteString.copyFromUtf8(texts[i]));
      values.addFloats(i + 1);
      ByteString twin = modifiedUtf8(texts[i]);
      if (!twin.equals(ByteString.copyFromUtf8(texts[i]))) {
        keys.addStrings(twin);
        values.addFloats(i + 1);
      }
    }
    AttributeProto other =
        AttributeProto.newBuilder()
            .setName("default_float")
            .setType(AttributeProto.AttributeType.FLOAT)
            .setF(-1)
            .build();
    String place =
        graph.mlNode(
            "LabelEncoder",
            List.of("STATE"),
            graph.name("place"),
            keys.build(),
            values.build(),
            other);
    return graph.node(
        "Cast", List.of(place), graph.name("placeAsDouble"), Attributes.of("to", DOUBLE));
  }

  /**
   * What ONNX Runtime sees of a text that comes from Java: its Java binding hands texts over by
   * JNI's GetStringUTFChars, which writes characters beyond U+FFFF as two surrogates of three bytes
   * each. A graph that is to know such a text from Java and from Python needs both.
   */
  private static ByteString modifiedUtf8(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFrom(bytes.toByteArray()).substring(Short.BYTES);
  }

  /** A model that gives a number for any PRICE, by an operator that no template has. */
  static byte[] trees(double answer) {
    OnnxGraph graph = graph(List.of(new Feature("PRICE", FeatureType.FLOAT)), List.of());
    String none = graph.node("Sign", List.of("PRICE"), graph.name("sign"));
    String zero =
        graph.node(
            "Mul",
            List.of(none, graph.constant("nothing", new double[] {0}, 1)),
            graph.name("zero"));
    graph.node(
        "Add",
        List.of(zero, graph.constant("answer", new double[] {answer}, 1)),
        ModelSession.OUTPUT);
    return graph.toBytes();
  }

  /** A classifier whose probabilities are PRICE and 1 - PRICE. */
  static byte[] classifier(String first, String second) {
    OnnxGraph graph =
        graph(List.of(new Feature("PRICE", FeatureType.FLOAT)), List.of(first, second));
    String rest =
        graph.node(
            "Sub",
            List.of(graph.constant("one", new double[] {1}, 1), "PRICE"),
            graph.name("rest"));
    graph.classify(
        graph.node(
            "Concat",
            List.of("PRICE", rest),
            graph.name("probabilities"),
            Attributes.of("axis", 1)));
    return graph.toBytes();
  }
}
