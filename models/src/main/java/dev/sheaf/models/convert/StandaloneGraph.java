package dev.sheaf.models.convert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.convert.ModelConverter.Output;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import dev.sheaf.models.trees.Booster;
import dev.sheaf.models.trees.BoosterHead;
import dev.sheaf.models.trees.Outcome;
import dev.sheaf.models.trees.TreeGraph;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The graph of a converted model. */
final class StandaloneGraph {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StandaloneGraph() {}

  static byte[] write(Booster booster, OnnxValue.Type type, List<String> names, Output output) {
    BoosterHead head = booster.head();
    List<OnnxValue> inputs =
        names.isEmpty()
            ? List.of(new OnnxValue(ModelConverter.INPUT, type, head.features()))
            : names.stream().map(name -> new OnnxValue(name, OnnxValue.Type.DOUBLE, 1)).toList();
    OnnxGraph graph = OnnxGraph.of(inputs, outputs(head, output), properties(booster, names));
    String matrix =
        names.isEmpty()
            ? ModelConverter.INPUT
            : graph.node("Concat", graph.inputs(), graph.name("matrix"), Attributes.of("axis", 1));
    String margins = TreeGraph.margins(graph, matrix, booster);
    if (output == Output.MARGINS) {
      graph.node("Identity", List.of(margins), ModelConverter.MARGIN);
    } else if (head.outcome() == Outcome.NUMBER) {
      graph.node(
          "Identity", List.of(TreeGraph.predictions(graph, margins, booster)), ModelSession.OUTPUT);
    } else {
      String probabilities = TreeGraph.probabilities(graph, margins, booster);
      graph.node("Identity", List.of(probabilities), ModelSession.PROBABILITIES);
      graph.node(
          "ArgMax",
          List.of(probabilities),
          ModelSession.OUTPUT,
          Attributes.of("axis", 1),
          Attributes.of("keepdims", 1));
    }
    return graph.toBytes();
  }

  private static List<OnnxValue> outputs(BoosterHead head, Output output) {
    if (output == Output.MARGINS) {
      return List.of(new OnnxValue(ModelConverter.MARGIN, OnnxValue.Type.DOUBLE, head.outputs()));
    }
    if (head.outcome() == Outcome.NUMBER) {
      return List.of(new OnnxValue(ModelSession.OUTPUT, OnnxValue.Type.DOUBLE, head.outputs()));
    }
    return List.of(
        new OnnxValue(ModelSession.OUTPUT, OnnxValue.Type.INT64, 1),
        new OnnxValue(ModelSession.PROBABILITIES, OnnxValue.Type.DOUBLE, head.classes()));
  }

  private static Map<String, String> properties(Booster booster, List<String> names) {
    BoosterHead head = booster.head();
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("source", head.library());
    properties.put("objective", head.objective());
    properties.put("trees", Integer.toString(booster.trees()));
    properties.put("feature_count", Integer.toString(head.features()));
    properties.put("features", json(names.isEmpty() ? head.featureNames() : names));
    if (head.classes() > 0) {
      properties.put(
          "classes", json(IntStream.range(0, head.classes()).mapToObj(Integer::toString).toList()));
    }
    return properties;
  }

  private static String json(List<String> values) {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
