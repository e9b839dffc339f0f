package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.EncodedInputs;
import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.features.IndicatorGroup;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.TableSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * The ONNX graph of a linear model, in doubles throughout.
 *
 * <p>The numbers are joined into one tensor {@code [N,d]}, centred and multiplied there, then taken
 * apart again and added up with {@code Sum}; each category is looked up as what it adds. Every
 * operator works element by element, so that the prediction of a row cannot depend on its batch;
 * MatMul, Gemm and ReduceSum are free to add in another order for another N. Few nodes count more
 * than fast ones: a session costs by the node to open, and a model of one key is opened more often
 * than it sees a large batch.
 */
final class LinearGraph {
  private LinearGraph() {}

  static byte[] write(ModelMetadata metadata, LinearModel model) {
    OnnxGraph graph = OnnxGraph.of(metadata);
    Columns layout = model.layout();
    List<String> parts = new ArrayList<>();
    if (layout.allNumbers()) {
      numbers(
          graph,
          model,
          graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1)),
          parts);
    } else {
      Encoding encoding = encoding(layout, model.effects());
      EncodedInputs inputs = encoding.in(graph);
      if (!layout.numbers().isEmpty()) {
        numbers(graph, model, inputs.numbers(), parts);
      }
      for (int c = 0; c < encoding.groups().size(); c++) {
        IndicatorGroup group = encoding.groups().get(c);
        Effects effects = model.effects().get(c);
        boolean text = layout.feature(layout.categories().get(c)).type().isText();
        double[] values =
            group.categories().stream()
                .map(name -> text ? Category.of(name) : Category.of(Double.parseDouble(name)))
                .mapToDouble(effects::of)
                .toArray();
        parts.add(inputs.mapped(group, values, 0));
      }
    }
    parts.add(graph.constant("intercept", new double[] {model.intercept()}, 1, 1));
    graph.node("Sum", parts, ModelSession.OUTPUT);
    return graph.toBytes();
  }

  /** The encoding in which exactly these categories are known. */
  private static Encoding encoding(Columns layout, List<Effects> effects) {
    TableSchema schema = layout.schema();
    return Encoding.dense(
        schema, KnownCategories.rows(layout, effects.stream().map(Effects::categories).toList()));
  }

  private static void numbers(
      OnnxGraph graph, LinearModel model, String joined, List<String> parts) {
    int d = model.coefficients().length;
    String mean = graph.constant("mean", model.means(), 1, d);
    String coefficient = graph.constant("coefficient", model.coefficients(), 1, d);
    String zero = graph.constant("zero", new double[] {0});
    String centred = graph.node("Sub", List.of(joined, mean), graph.name("centred"));
    String missing = graph.node("IsNaN", List.of(centred), graph.name("missing"));
    String imputed = graph.node("Where", List.of(missing, zero, centred), graph.name("imputed"));
    String product = graph.node("Mul", List.of(imputed, coefficient), graph.name("product"));
    for (int j = 0; j < d; j++) {
      parts.add(graph.name("part" + j));
    }
    graph.node(
        "Split",
        List.of(product),
        List.copyOf(parts),
        Attributes.of("axis", 1),
        Attributes.of("num_outputs", d));
  }
}
