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
import java.util.TreeMap;
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
    OnnxGraph graph =
        OnnxGraph.of(inputs, outputs(head, output, names), properties(booster, names, output));
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
      classify(graph, probabilities, head, names);
    }
    return graph.toBytes();
  }

  /** With named features the class is a text, as in every model of Sheaf. */
  private static void classify(
      OnnxGraph graph, String probabilities, BoosterHead head, List<String> names) {
    String best = names.isEmpty() ? ModelSession.OUTPUT : graph.name("best");
    graph.node(
        "ArgMax",
        List.of(probabilities),
        best,
        Attributes.of("axis", 1),
        Attributes.of("keepdims", 1));
    if (!names.isEmpty()) {
      String classes = graph.constant("classes", classes(head), head.classes());
      graph.node("Gather", List.of(classes, best), ModelSession.OUTPUT, Attributes.of("axis", 0));
    }
  }

  private static List<String> classes(BoosterHead head) {
    return IntStream.range(0, head.classes()).mapToObj(Integer::toString).toList();
  }

  private static List<OnnxValue> outputs(BoosterHead head, Output output, List<String> names) {
    if (output == Output.MARGINS) {
      return List.of(new OnnxValue(ModelConverter.MARGIN, OnnxValue.Type.DOUBLE, head.outputs()));
    }
    if (head.outcome() == Outcome.NUMBER) {
      return List.of(new OnnxValue(ModelSession.OUTPUT, OnnxValue.Type.DOUBLE, head.outputs()));
    }
    return List.of(
        new OnnxValue(
            ModelSession.OUTPUT, names.isEmpty() ? OnnxValue.Type.INT64 : OnnxValue.Type.STRING, 1),
        new OnnxValue(ModelSession.PROBABILITIES, OnnxValue.Type.DOUBLE, head.classes()));
  }

  private static Map<String, String> properties(
      Booster booster, List<String> names, Output output) {
    BoosterHead head = booster.head();
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("source", head.library());
    properties.put("objective", head.objective());
    properties.put("trees", Integer.toString(booster.trees()));
    properties.put("feature_count", Integer.toString(head.features()));
    if (names.isEmpty()) {
      properties.put("feature_names", json(head.featureNames()));
    } else {
      properties.put(
          "features",
          json(
              names.stream()
                  .map(name -> new TreeMap<>(Map.of("name", name, "type", "FLOAT")))
                  .toList()));
    }
    if (head.classes() > 0 && output == Output.PREDICTIONS) {
      properties.put("classes", json(classes(head)));
    }
    return properties;
  }

  private static String json(List<?> values) {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
