package dev.sheaf.models.onnx;

import static dev.sheaf.models.onnx.TrainedFamilies.NUMBERS;
import static dev.sheaf.models.onnx.TrainedFamilies.TEXTS;
import static dev.sheaf.models.onnx.TrainedFamilies.train;
import static dev.sheaf.models.onnx.TrainedFamilies.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TemplateTest {
  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.sheaf.models.onnx.TrainedFamilies#families")
  void rowsOfManyModelsGetTheBitsOfTheirOwnModelsInOneSession(
      String name, Trainer trainer, TableSchema schema, int classes, Rows rows) {
    byte[] first = train(trainer, schema, classes, 1);
    SplitModel split = SplitModel.of(first).orElseThrow();
    assertEquals(rows, split.template().rows());
    try (ModelSession alone = ModelSession.open(first, ExecutionProvider.cpu());
        TemplateSession template = TemplateSession.open(split, alone).orElseThrow()) {
      int shared = 0;
      List<byte[]> models = new ArrayList<>();
      List<ModelWeights> weights = new ArrayList<>();
      for (int seed = 1; seed <= 12; seed++) {
        byte[] onnx = train(trainer, schema, classes, seed);
        SplitModel other = SplitModel.of(onnx).orElseThrow();
        if (other.template().digest().equals(split.template().digest())) {
          models.add(onnx);
          weights.add(other.weights());
          shared++;
        }
      }
      assertTrue(shared >= 10, shared + " of 12 models have the template of the first");
      for (int batch : new int[] {1, 3, 17, 200}) {
        check(template, schema, models, weights, batch);
      }
    }
  }

  private static void check(
      TemplateSession template,
      TableSchema schema,
      List<byte[]> models,
      List<ModelWeights> weights,
      int batch) {
    Random random = new Random(batch);
    int outputs = Math.max(1, template.classes().size());
    boolean mixed = template.template().rows() == Rows.MIXED;
    List<double[]> values = values(random, schema, batch);
    int[] of = new int[batch];
    int all = random.nextInt(models.size());
    for (int i = 0; i < batch; i++) {
      of[i] = mixed ? random.nextInt(models.size()) : all;
      if (random.nextInt(4) == 0) {
        values.get(i)[random.nextInt(schema.features().size())] =
            List.of(0.0, -0.0, 1e300, 1.0, 4.0).get(random.nextInt(5));
      }
    }
    double[] found = new double[batch * outputs];
    double[] later = new double[batch * outputs];
    try (TemplateRows rows = new TemplateRows(template, 256)) {
      for (int i = 0; i < batch; i++) {
        fill(rows, i, schema, weights.get(of[i]), values.get(i));
      }
      rows.predict(0, batch, found);
      rows.predict(batch / 2, batch - batch / 2, later);
    }
    for (int m = 0; m < models.size(); m++) {
      try (ModelSession alone = ModelSession.open(models.get(m), ExecutionProvider.cpu())) {
        for (int i = 0; i < batch; i++) {
          if (of[i] == m) {
            double[] expected = alone.predict(columns(schema, values.get(i)));
            assertBits(expected, Arrays.copyOfRange(found, i * outputs, (i + 1) * outputs));
            int place = (i - batch / 2) * outputs;
            if (place >= 0) {
              assertBits(expected, Arrays.copyOfRange(later, place, place + outputs));
            }
          }
        }
      }
    }
  }

  private static void assertBits(double[] expected, double[] found) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(Double.doubleToLongBits(expected[i]), Double.doubleToLongBits(found[i]));
    }
  }

  private static void fill(
      TemplateRows rows, int row, TableSchema schema, ModelWeights weights, double[] values) {
    rows.weights(row, weights);
    for (int f = 0; f < values.length; f++) {
      if (schema.features().get(f).type().isText()) {
        rows.text(row, f, weights, text(values[f]));
      } else {
        rows.number(row, f, weights, values[f]);
      }
    }
  }

  private static String text(double value) {
    int place = Double.isNaN(value) || Math.abs(value) > 1e6 ? -1 : (int) value;
    return place < 0 ? "elsewhere" : TEXTS.get(place);
  }

  private static InputColumns columns(TableSchema schema, double[] values) {
    InputColumns columns = InputColumns.of(schema.features(), 1);
    for (int f = 0; f < values.length; f++) {
      if (schema.features().get(f).type().isText()) {
        columns.texts(f)[0] = text(values[f]);
      } else {
        columns.numbers(f)[0] = values[f];
      }
    }
    return columns;
  }

  /** {@code prediction = x * weights[0] + weights[1] + ...}, as wide as asked for. */
  private static OnnxGraph wide(int weights) {
    OnnxGraph graph = OnnxGraph.of(metadata());
    double[] values = new double[weights];
    Arrays.setAll(values, i -> i + 0.5);
    String sum =
        graph.node(
            "Add",
            List.of(graph.inputs().get(0), graph.constant("weights", values, 1, weights)),
            graph.name("sum"));
    graph.node(
        "Gather",
        List.of(sum, graph.constant("last", new long[] {weights - 1}, 1)),
        ModelSession.OUTPUT,
        Attributes.of("axis", 1));
    return graph;
  }

  private static ModelMetadata metadata() {
    return new ModelMetadata(
        "1", "Y", List.of(new Feature("x", FeatureType.FLOAT)), "none", Map.of(), 1, "none");
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 513, 100_000})
  void rowsOfManyWeightsGoModelByModel(int weights) {
    byte[] onnx = wide(weights).toBytes();
    SplitModel split = SplitModel.of(onnx).orElseThrow();
    assertEquals(weights > 512 ? Rows.OF_ONE_MODEL : Rows.MIXED, split.template().rows());
    try (ModelSession alone = ModelSession.open(onnx, ExecutionProvider.cpu());
        TemplateSession template = TemplateSession.open(split, alone).orElseThrow();
        TemplateRows rows = new TemplateRows(template, 4096)) {
      assertTrue(rows.byteSize() < 32 << 20, rows.byteSize() + " bytes");
      assertEquals(
          ModelSession.byteSize(split.template().onnx().length) + 2 * 3072, template.byteSize());
      rows.weights(0, split.weights());
      rows.number(0, 0, split.weights(), 2);
      double[] found = new double[1];
      rows.predict(0, 1, found);
      assertEquals(weights + 1.5, found[0]);
    }
  }

  @Test
  void aModelThatCannotAnswerTheProbeGoesAlone() {
    OnnxGraph graph = OnnxGraph.of(metadata());
    String place =
        graph.node("Cast", graph.inputs(), graph.name("place"), Attributes.of("to", 7 /* INT64 */));
    String chosen =
        graph.node(
            "Gather",
            List.of(graph.constant("table", new double[] {3, 5, 7}, 3), place),
            graph.name("chosen"),
            Attributes.of("axis", 0));
    graph.node(
        "Mul",
        List.of(chosen, graph.constant("factor", new double[] {2}, 1, 1)),
        ModelSession.OUTPUT);
    byte[] onnx = graph.toBytes();
    SplitModel split = SplitModel.of(onnx).orElseThrow();
    try (ModelSession alone = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      assertTrue(TemplateSession.open(split, alone).isEmpty());
      assertArrayEquals(
          new double[] {14}, alone.predict(InputColumns.ofNumbers(new double[][] {{2}}, 1)));
    }
    ModelSession closed = ModelSession.open(wide(3).toBytes(), ExecutionProvider.cpu());
    closed.close();
    SplitModel other = SplitModel.of(wide(3).toBytes()).orElseThrow();
    assertEquals(Optional.empty(), TemplateSession.open(other, closed));
  }

  /** The template of one model beside another model, whose weights it must not be taken for. */
  @Test
  void aTemplateThatAnswersOtherwiseIsRefused() {
    byte[] first = train(Linear.regression(), NUMBERS, 0, 1);
    byte[] second = train(Linear.regression(), NUMBERS, 0, 2);
    try (ModelSession alone = ModelSession.open(second, ExecutionProvider.cpu())) {
      assertEquals(
          Optional.empty(), TemplateSession.open(SplitModel.of(first).orElseThrow(), alone));
    }
  }

  /** The greatest of a batch: each row depends on its neighbours. */
  @Test
  void rowsThatDependOnTheirNeighboursAreSeen() {
    OnnxGraph graph = OnnxGraph.of(metadata());
    graph.node(
        "Add",
        List.of(graph.inputs().get(0), graph.constant("weight", new double[] {1}, 1, 1)),
        ModelSession.OUTPUT);
    byte[] onnx = graph.toBytes();
    SplitModel split = SplitModel.of(onnx).orElseThrow();
    ModelTemplate template =
        new ModelTemplate(
            withGreatestWeight(split.template().onnx()),
            Rows.MIXED,
            split.template().rowInputs(),
            split.template().weightInputs());
    try (ModelSession alone = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      assertTrue(TemplateSession.open(split, alone).isPresent());
      assertEquals(
          Optional.empty(), TemplateSession.open(new SplitModel(template, split.weights()), alone));
    }
  }

  /** A template in which each row takes the greatest of the weights that the rows have. */
  private static byte[] withGreatestWeight(byte[] template) {
    ModelProto.Builder model = proto(template).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    assertEquals(List.of("Gather", "Add"), operators(template));
    String weight = graph.getNode(0).getOutput(0);
    NodeProto.Builder greatest =
        NodeProto.newBuilder().setOpType("ReduceMax").addInput(weight).addOutput("greatest");
    NodeProto add = graph.getNode(1).toBuilder().setInput(1, "greatest").build();
    graph.removeNode(1).addNode(greatest).addNode(add);
    return model.build().toByteArray();
  }

  private static ModelProto proto(byte[] onnx) {
    try {
      return ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> operators(byte[] onnx) {
    return proto(onnx).getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
  }

  @Test
  void numbersComeJoinedAndWithoutMissingOnesIntoALinearTemplate() {
    byte[] onnx = train(Linear.regression(), NUMBERS, 0, 1);
    ModelTemplate template = SplitModel.of(onnx).orElseThrow().template();
    assertEquals(
        List.of("Gather", "Gather", "Gather", "Sub", "Mul", "Split", "Sum"),
        operators(template.onnx()));
    assertEquals(1, template.rowInputs().size());
    assertEquals(0, proto(template.onnx()).getGraph().getInitializerCount());
  }

  /** {@code 2 * (x - mean)}, or twice zero if x is missing; or with a second use of x - mean. */
  private static byte[] centred(double mean, double zero, boolean usedTwice) {
    OnnxGraph graph = OnnxGraph.of(metadata());
    String joined =
        graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1));
    String means = graph.constant("mean", new double[] {mean}, 1, 1);
    String centred = graph.node("Sub", List.of(joined, means), graph.name("centred"));
    String missing = graph.node("IsNaN", List.of(centred), graph.name("missing"));
    String none = graph.constant("zero", new double[] {zero}, 1);
    String filled = graph.node("Where", List.of(missing, none, centred), graph.name("filled"));
    graph.node(
        "Mul",
        List.of(usedTwice ? centred : filled, graph.constant("factor", new double[] {2}, 1, 1)),
        usedTwice ? graph.name("twice") : ModelSession.OUTPUT);
    if (usedTwice) {
      graph.node("Sum", List.of("/twice", filled), ModelSession.OUTPUT);
    }
    return graph.toBytes();
  }

  @ParameterizedTest
  @CsvSource({
    "3, 0, false, false",
    "3, -0.0, false, true",
    "3, 1, false, true",
    "NaN, 0, false, true",
    "Infinity, 0, false, true",
    "3, 0, true, true"
  })
  void missingNumbersStayInTheGraphWhereAWeightCannotStandForThem(
      double mean, double zero, boolean usedTwice, boolean stay) {
    byte[] onnx = centred(mean, zero, usedTwice);
    SplitModel split = SplitModel.of(onnx).orElseThrow();
    assertEquals(stay, operators(split.template().onnx()).contains("IsNaN"));
    try (ModelSession alone = ModelSession.open(onnx, ExecutionProvider.cpu());
        TemplateSession template = TemplateSession.open(split, alone).orElseThrow();
        TemplateRows rows = new TemplateRows(template, 4)) {
      double[] values = {Double.NaN, 3, -0.0, 1e300};
      double[] found = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        rows.weights(i, split.weights());
        rows.number(i, 0, split.weights(), values[i]);
      }
      rows.predict(0, values.length, found);
      assertBits(alone.predict(InputColumns.ofNumbers(new double[][] {values}, 4)), found);
    }
  }

  /** {@code first + 2 * second}, where what is missing counts as nothing if asked for. */
  private static byte[] joined(String first, String second, boolean filled) {
    List<Feature> features =
        List.of(new Feature("A", FeatureType.FLOAT), new Feature("B", FeatureType.FLOAT));
    OnnxGraph graph =
        OnnxGraph.of(new ModelMetadata("1", "Y", features, "none", Map.of(), 1, "none"));
    graph.node("Concat", List.of(first, second), "joined", Attributes.of("axis", 1));
    String mean = graph.constant("mean", new double[] {0, 0}, 1, 2);
    graph.node("Sub", List.of("joined", mean), filled ? "centred" : "filled");
    if (filled) {
      graph.node("IsNaN", List.of("centred"), "missing");
      graph.node(
          "Where",
          List.of("missing", graph.constant("zero", new double[] {0}, 1), "centred"),
          "filled");
    }
    String factors = graph.constant("factors", new double[] {1, 2}, 1, 2);
    graph.node("Mul", List.of("filled", factors), "product");
    graph.node(
        "Split",
        List.of("product"),
        List.of("p", "q"),
        Attributes.of("axis", 1),
        Attributes.of("num_outputs", 2));
    graph.node("Sum", List.of("p", "q"), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  @Test
  void graphsThatOnlyBecomeEqualInTheirTemplatesShareNone() {
    String template = SplitModel.of(joined("A", "B", false)).orElseThrow().template().digest();
    assertEquals(
        template, SplitModel.of(joined("A", "B", false)).orElseThrow().template().digest());
    assertNotEquals(
        template, SplitModel.of(joined("B", "A", false)).orElseThrow().template().digest());
    assertNotEquals(
        template, SplitModel.of(joined("A", "B", true)).orElseThrow().template().digest());
  }

  @Test
  void modelsThatAreKeptGiveTheSameBitsHoweverManyTheyAre() {
    byte[] first = train(Linear.regression(), NUMBERS, 0, 1);
    SplitModel split = SplitModel.of(first).orElseThrow();
    double[] values = {3.5, 2, -1};
    double[] own = new double[1];
    double[] found = new double[2];
    try (ModelSession alone = ModelSession.open(first, ExecutionProvider.cpu());
        TemplateSession template = TemplateSession.open(split, alone).orElseThrow();
        TemplateRows rows = new TemplateRows(template, 2)) {
      fill(rows, 1, NUMBERS, split.weights(), values);
      List<Double> expected = new ArrayList<>();
      List<Integer> numbers = new ArrayList<>();
      ModelWeights weights = split.weights();
      for (int m = 0; m < 400; m++) {
        weights = weights.perturbed();
        fill(rows, 0, NUMBERS, weights, values);
        rows.predict(0, 1, own);
        expected.add(own[0]);
        numbers.add(rows.keep(weights));
      }
      for (int m = 0; m < 400; m++) {
        rows.model(0, numbers.get(m));
        rows.predict(0, 2, found);
        assertEquals(expected.get(m), found[0]);
        assertEquals(alone.predict(columns(NUMBERS, values))[0], found[1]);
      }
      assertNotEquals(expected.get(0), expected.get(1));
      assertEquals(
          "no model is kept under the number 402",
          assertThrows(IllegalArgumentException.class, () -> rows.model(0, 402)).getMessage());
      rows.forgetKept();
      assertThrows(IllegalArgumentException.class, () -> rows.model(0, numbers.get(0)));
      assertEquals(numbers.get(0), rows.keep(split.weights()));
    }
  }

  @Test
  void treesHaveNoTemplate() {
    byte[] onnx = train(Xgboost.regression().withRounds(3), NUMBERS, 0, 1);
    assertEquals(Optional.empty(), SplitModel.of(onnx));
  }

  @Test
  void bytesThatAreNoModelHaveNoTemplate() {
    byte[] onnx = train(Linear.regression(), NUMBERS, 0, 1);
    assertEquals(Optional.empty(), SplitModel.of(new byte[] {1, 2, 3}));
    assertEquals(Optional.empty(), SplitModel.of(Arrays.copyOf(onnx, onnx.length / 2)));
    assertEquals(Optional.empty(), SplitModel.of(new byte[0]));
  }

  @Test
  void modelsOfOtherFeaturesHaveAnotherTemplate() {
    TableSchema other =
        new TableSchema(
            List.of(
                new Feature("A", FeatureType.FLOAT),
                new Feature("B", FeatureType.FLOAT),
                new Feature("C", FeatureType.BOOLEAN)),
            "Y");
    assertNotEquals(digest(NUMBERS), digest(other));
    assertEquals(digest(NUMBERS), digest(NUMBERS));
  }

  private static String digest(TableSchema schema) {
    return SplitModel.of(train(Linear.regression(), schema, 0, 1))
        .orElseThrow()
        .template()
        .digest();
  }
}
