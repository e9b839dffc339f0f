package dev.sheaf.models.train.naive;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.TableSchema;
import java.util.List;

/** A table of numbers by number, as one node of a graph. */
final class Lookup {
  private final double[] keys;
  private final double[] values;
  private final double otherwise;

  Lookup(double[] keys, double[] values, double otherwise) {
    this.keys = keys;
    this.values = values;
    this.otherwise = otherwise;
  }

  /** A table of one number. */
  static Lookup of(double value, double otherwise) {
    return new Lookup(new double[1], new double[] {value}, otherwise);
  }

  String write(OnnxGraph graph, String from, String to) {
    return write(graph, from, Attributes.of("keys_tensor", keys), to);
  }

  /** Looks up the first input of a model; if that is text, empty text stands for 0. */
  String write(OnnxGraph graph, TableSchema schema, String to) {
    String first = graph.inputs().get(0);
    return schema.features().get(0).type().isText()
        ? write(graph, first, Attributes.ofTexts("keys_tensor", List.of(new byte[0])), to)
        : write(graph, first, to);
  }

  private String write(OnnxGraph graph, String from, AttributeProto keyTensor, String to) {
    return graph.mlNode(
        "LabelEncoder",
        List.of(from),
        to,
        keyTensor,
        Attributes.of("values_tensor", values),
        Attributes.of("default_tensor", new double[] {otherwise}));
  }
}
