package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class InferRowsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456Z");
  private static final Schema FLOATS =
      Schema.builder().addInt64Field("ID").addNullableField("x", FieldType.FLOAT).build();

  private static OneBundle<Row> scored(InferRows inference, Schema schema, Row... rows) {
    return OneBundle.of(
        RowCoder.of(schema),
        List.of(rows),
        inference.withClock(Clock.fixed(NOW, ZoneOffset.UTC))::withBadRecordErrorHandler);
  }

  private static Row row(Schema schema, @Nullable Object... values) {
    return Row.withSchema(schema).addValues(values).build();
  }

  /** The message with which building a pipeline over rows of a schema is refused. */
  private static String refusal(InferRows inference, Schema schema) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    return String.valueOf(
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    pipeline
                        .apply(Create.empty(RowCoder.of(schema)))
                        .setRowSchema(schema)
                        .apply(inference))
            .getMessage());
  }

  @Test
  void columnsAreFoundByNameAndResultsFollowThem() {
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.negativeAndDouble()),
            FLOATS,
            row(FLOATS, 1L, 3f),
            row(FLOATS, 2L, -0.5f));
    assertEquals(
        List.of("ID", "x", "Y", "MODEL_ID", "LAYER", "SCORED_AT"),
        run.results().get(0).getSchema().getFieldNames());
    Row first = run.results().stream().filter(r -> r.getInt64("ID") == 1).findFirst().orElseThrow();
    assertEquals(List.of(-3f, 6f), List.copyOf(first.getArray("Y")));
    assertEquals(AnyGraph.negativeAndDouble().id(), first.getString("MODEL_ID"));
    assertEquals("batch", first.getString("LAYER"));
    assertEquals(NOW, first.getValue("SCORED_AT"));
  }

  @Test
  void nullIsNanInATensorOfFloats() {
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.negativeAndDouble()),
            FLOATS,
            row(FLOATS, 1L, (Float) null));
    assertTrue(Float.isNaN(run.results().get(0).<Float>getArray("Y").iterator().next()));
  }

  private static final Schema FLOWER =
      Schema.builder()
          .addDoubleField("A")
          .addInt32Field("B")
          .addField("C", FieldType.DECIMAL)
          .addBooleanField("D")
          .build();

  /** Gives X float[N,4] back as Y float[N,4]. */
  private static InferRows matrix() {
    return RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1, 4))
        .withInput("X", "d", "C", "b", "A")
        .withOutputs("Y", "Y0", "Y1", "Y2", "Y3");
  }

  @Test
  void severalColumnsMakeOneMatrixInTheirOrder() {
    OneBundle<Row> run =
        scored(
            matrix().convertingNumbers(),
            FLOWER,
            row(FLOWER, 1.5, 2, new BigDecimal("3.25"), true));
    Row result = run.results().get(0);
    assertEquals(
        List.of(1f, 3.25f, 2f, 1.5f),
        List.of(
            result.getFloat("Y0"),
            result.getFloat("Y1"),
            result.getFloat("Y2"),
            result.getFloat("Y3")));
  }

  @Test
  void numbersAreConvertedOnRequestAlone() {
    String refusal = refusal(matrix(), FLOWER);
    assertTrue(refusal.contains("\"D\" of BOOLEAN"), refusal);
    assertTrue(refusal.contains("convertingNumbers()"), refusal);
  }

  @Test
  void asManyColumnsAsTheInputTakesAreNeeded() {
    String refusal =
        refusal(
            RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1, 4))
                .withInput("X", "A", "B", "C")
                .convertingNumbers(),
            FLOWER);
    assertTrue(refusal.contains("off 3 columns: a row has the shape [4]"), refusal);
  }

  @Test
  void aMissingColumnIsNamed() {
    String refusal = refusal(RunInference.onRows(AnyGraph.negativeAndDouble()), FLOWER);
    assertTrue(refusal.contains("cannot read the input 'X float["), refusal);
    assertTrue(refusal.contains("there is no column of its name"), refusal);
    assertTrue(refusal.contains("the columns are A, B, C, D"), refusal);
  }

  @Test
  void aNumberIsNoText() {
    Schema schema = Schema.builder().addDoubleField("X").build();
    String refusal =
        refusal(
            RunInference.onRows(AnyGraph.identity(DataType.STRING, -1)).convertingNumbers(),
            schema);
    assertTrue(refusal.contains("the column \"X\" of DOUBLE"), refusal);
    assertTrue(refusal.contains("valid are columns of STRING"), refusal);
  }

  @Test
  void textIsTextEvenIfItReadsNanAndNullIsABadRecord() {
    Schema schema = Schema.builder().addNullableField("X", FieldType.STRING).build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.STRING, -1)),
            schema,
            row(schema, "NaN"),
            row(schema, "zwölf €"),
            row(schema, (String) null));
    assertEquals(
        Set.of("NaN", "zwölf €"),
        run.results().stream().map(r -> r.getString("Y")).collect(Collectors.toSet()));
    assertEquals(List.of("X is NULL, and a tensor of texts holds no NULL"), run.reasons());
  }

  @Test
  void whatDoesNotFitIntoAWholeNumberIsABadRecord() {
    Schema schema = Schema.builder().addDoubleField("X").build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.INT8, -1)).convertingNumbers(),
            schema,
            row(schema, 127.0),
            row(schema, 128.0),
            row(schema, 1.5),
            row(schema, Double.NaN));
    assertEquals(List.of((byte) 127), run.results().stream().map(r -> r.getByte("Y")).toList());
    assertEquals(
        Set.of(
            "X does not fit into INT8: 128.0",
            "X does not fit into INT8: 1.5",
            "X does not fit into INT8: NaN"),
        Set.copyOf(run.reasons()));
  }

  @Test
  void everyTypeOfColumnComesBackAsItWent() {
    check(DataType.INT8, FieldType.BYTE, (byte) -7);
    check(DataType.INT16, FieldType.INT16, (short) -700);
    check(DataType.INT32, FieldType.INT32, -70_000);
    check(DataType.INT64, FieldType.INT64, -7_000_000_000L);
    check(DataType.FLOAT, FieldType.FLOAT, 0.1f);
    check(DataType.DOUBLE, FieldType.DOUBLE, 0.1);
    check(DataType.BOOL, FieldType.BOOLEAN, true);
    check(DataType.STRING, FieldType.STRING, "a");
  }

  private static void check(DataType type, FieldType column, Object value) {
    Schema schema = Schema.builder().addField("X", column).build();
    OneBundle<Row> run =
        scored(RunInference.onRows(AnyGraph.identity(type, -1, 1)), schema, row(schema, value));
    assertEquals(column, run.results().get(0).getSchema().getField("Y").getType());
    assertEquals(value, run.results().get(0).getValue("Y"));
  }

  @Test
  void arraysOfUnlikeLengthNeverShareACall() {
    Schema schema = Schema.builder().addArrayField("X", FieldType.INT64).build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.INT64, -1, -1)),
            schema,
            row(schema, List.of(1L, 2L)),
            row(schema, List.of(3L)),
            row(schema, List.of(4L, 5L)));
    assertEquals(2, run.calls());
    assertEquals(
        Set.of(List.of(1L, 2L), List.of(3L), List.of(4L, 5L)),
        run.results().stream()
            .map(r -> List.copyOf(r.<Long>getArray("Y")))
            .collect(Collectors.toSet()));
  }

  @Test
  void anArrayHasTheShapeThatIsTold() {
    Schema schema = Schema.builder().addArrayField("PIXELS", FieldType.FLOAT).build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1, -1, -1))
                .withArrayInput("X", "PIXELS", 2, -1),
            schema,
            row(schema, List.of(1f, 2f, 3f, 4f)),
            row(schema, List.of(1f, 2f, 3f)));
    assertEquals(
        List.of(List.of(1f, 2f), List.of(3f, 4f)),
        run.results().get(0).getArray("Y").stream().toList());
    assertEquals(1, run.reasons().size());
    assertTrue(run.reasons().get(0).contains("has 3 elements"), run.reasons().get(0));
  }

  @Test
  void bytesAreUnsigned() {
    Schema schema = Schema.builder().addByteArrayField("X").build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.UINT8, -1, 3)),
            schema,
            row(schema, (Object) new byte[] {1, -1, 127}));
    assertEquals(
        List.of((short) 1, (short) 255, (short) 127),
        List.copyOf(run.results().get(0).<Short>getArray("Y")));
  }

  @Test
  void aConstantIsTheSameForEachRow() {
    OnnxModel product =
        new AnyGraph()
            .input("X", DataType.FLOAT, -1)
            .input("factor", DataType.FLOAT)
            .node("Mul", List.of("X", "factor"), "Y")
            .output("Y", DataType.FLOAT, -1)
            .model();
    assertTrue(
        refusal(RunInference.onRows(product).withInput("factor", "x"), FLOATS)
            .contains("withConstantInput"));
    OneBundle<Row> run =
        scored(
            RunInference.onRows(product).withConstantInput("factor", Tensor.of(new float[] {10})),
            FLOATS,
            row(FLOATS, 1L, 2f),
            row(FLOATS, 2L, 3f));
    assertEquals(
        Map.of(1L, 20f, 2L, 30f),
        run.results().stream()
            .collect(Collectors.toMap(r -> r.getInt64("ID"), r -> r.getFloat("Y"))));
  }

  /** Gives X float[N,2] as maps from "no" and "yes". */
  private static OnnxModel maps() {
    return new AnyGraph()
        .input("X", DataType.FLOAT, -1, 2)
        .mlNode("ZipMap", List.of("X"), "P", AnyGraph.texts("classlabels_strings", "no", "yes"))
        .mapsOutput("P")
        .model();
  }

  @Test
  void mapsBecomeAMapColumn() {
    Schema schema = Schema.builder().addFloatField("A").addFloatField("B").build();
    OneBundle<Row> run =
        scored(
            RunInference.onRows(maps())
                .withInput("X", "A", "B")
                .withOutput("P", "PROBABILITIES", FieldType.map(FieldType.STRING, FieldType.FLOAT)),
            schema,
            row(schema, 0.25f, 0.75f),
            row(schema, 1f, 0f));
    assertEquals(
        Set.of(Map.of("no", 0.25f, "yes", 0.75f), Map.of("no", 1f, "yes", 0f)),
        run.results().stream()
            .map(r -> Map.copyOf(r.<String, Float>getMap("PROBABILITIES")))
            .collect(Collectors.toSet()));
  }

  @Test
  void aMapNeedsAType() {
    Schema schema = Schema.builder().addFloatField("A").addFloatField("B").build();
    String refusal = refusal(RunInference.onRows(maps()).withInput("X", "A", "B"), schema);
    assertTrue(refusal.contains("it is a sequence or a map; name its type"), refusal);
  }

  @Test
  void anOutputGoesIntoAWiderColumnOnly() {
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1))
                .withOutput("Y", "WIDE", FieldType.DOUBLE)
                .withInput("X", "x"),
            FLOATS,
            row(FLOATS, 1L, 0.1f));
    assertEquals(0.1f, run.results().get(0).getDouble("WIDE"), 0);
    String refusal =
        refusal(
            RunInference.onRows(AnyGraph.identity(DataType.DOUBLE, -1))
                .withOutput("Y", "NARROW", FieldType.FLOAT)
                .withInput("X", "x"),
            FLOATS);
    assertTrue(refusal.contains("does not go into a column of FLOAT: valid are DOUBLE"), refusal);
  }

  @Test
  void columnsAreNotOverwritten() {
    Schema schema = Schema.builder().addFloatField("X").addFloatField("y").build();
    String refusal = refusal(RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1)), schema);
    assertTrue(refusal.contains("cannot add the column Y: there is one already"), refusal);
  }

  @Test
  void unknownInputsAndOutputsAreRefused() {
    InferRows identity = RunInference.onRows(AnyGraph.identity(DataType.FLOAT, -1));
    assertTrue(
        refusal(identity.withInput("Z", "x"), FLOATS).contains("the model has no input 'Z'"));
    assertTrue(
        refusal(identity.withOutput("Z", "x"), FLOATS).contains("the model has no output 'Z'"));
  }

  @Test
  void aModelThatCannotBeReachedIsCheckedOnWorkers() {
    InferRows unreachable =
        RunInference.onRows(OnnxModel.at("/nowhere/model.onnx")).checkedOnWorkers();
    assertTrue(refusal(unreachable, FLOATS).contains("withOutput(output, column, type)"));
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    Schema result =
        pipeline
            .apply(Create.empty(RowCoder.of(FLOATS)))
            .setRowSchema(FLOATS)
            .apply(unreachable.withOutput("Y", "SCORE", FieldType.FLOAT))
            .getSchema();
    assertEquals(FieldType.FLOAT, result.getField("SCORE").getType());
  }

  @Test
  void checkedOnWorkersScoresAllTheSame() {
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.negativeAndDouble())
                .checkedOnWorkers()
                .withOutput("Y", "Y", FieldType.array(FieldType.FLOAT)),
            FLOATS,
            row(FLOATS, 1L, 3f));
    assertEquals(List.of(-3f, 6f), List.copyOf(run.results().get(0).getArray("Y")));
  }

  @Test
  void onePoisonedRowOfTenThousandIsTheOnlyOneLost() {
    Schema schema = Schema.builder().addInt64Field("I").build();
    Row[] rows = new Row[10_000];
    Arrays.setAll(rows, i -> row(schema, (long) i % 10));
    rows[1234] = row(schema, 10L);
    OneBundle<Row> run = scored(RunInference.onRows(AnyGraph.lookup()), schema, rows);
    assertEquals(9_999, run.results().size());
    assertTrue(run.results().stream().allMatch(r -> r.getFloat("Y") == 100f + r.getInt64("I")));
    assertEquals(1, run.reasons().size());
    assertTrue(run.reasons().get(0).contains("out of data bounds"), run.reasons().get(0));
  }

  @Test
  void aFixedBatchIsFilledUpAndCut() {
    OneBundle<Row> run =
        scored(
            RunInference.onRows(AnyGraph.identity(DataType.FLOAT, 4, 1)),
            FLOATS,
            row(FLOATS, 1L, 1f),
            row(FLOATS, 2L, 2f),
            row(FLOATS, 3L, 3f),
            row(FLOATS, 4L, 4f),
            row(FLOATS, 5L, 5f));
    assertEquals(
        Set.of(1f, 2f, 3f, 4f, 5f),
        run.results().stream().map(r -> r.getFloat("Y")).collect(Collectors.toSet()));
  }
}
