package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InferElementsTest {
  @TempDir private Path folder = Path.of("");

  /** Looks a number up; any but 0 to 9 makes a batch fail. */
  private static InferElements<Long, Float> lookup() {
    return RunInference.onElements(AnyGraph.lookup())
        .withPreProcessing((Long index) -> Map.of("I", Tensor.of(new long[] {index}, 1)))
        .withPostProcessing(
            TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0]);
  }

  private static OneBundle<PredictionResult<Long, Float>> looked(
      InferElements<Long, Float> inference, List<Long> indexes) {
    return OneBundle.of(VarLongCoder.of(), indexes, inference::withBadRecordErrorHandler);
  }

  /** Digits of numbers from 0 on. */
  private static List<Long> digits(int count) {
    return LongStream.range(0, count).mapToObj(i -> i % 10).collect(Collectors.toList());
  }

  @Test
  void eachElementGetsItsOwnInference() {
    OneBundle<PredictionResult<Long, Float>> run = looked(lookup(), digits(1000));
    assertEquals(1000, run.results().size());
    for (PredictionResult<Long, Float> result : run.results()) {
      assertEquals(100f + result.example(), result.inference());
      assertEquals(AnyGraph.lookup().id(), result.modelId());
    }
    assertEquals(1, run.calls());
    assertEquals(1000, run.counter("num_inferences"));
  }

  @Test
  void onePoisonedElementOfTenThousandIsTheOnlyOneLost() {
    List<Long> indexes = digits(10_000);
    indexes.set(7_777, 10L);
    OneBundle<PredictionResult<Long, Float>> run = looked(lookup(), indexes);
    assertEquals(9_999, run.results().size());
    assertTrue(run.results().stream().allMatch(r -> r.inference() == 100f + r.example()));
    assertEquals(1, run.reasons().size());
    assertTrue(run.reasons().get(0).contains("out of data bounds"), run.reasons().get(0));
    assertTrue(run.reasons().get(0).contains("sha256:"), run.reasons().get(0));
    assertEquals(1, run.counter("rows_refused"));
    assertEquals(13, run.counter("failed_batches_counter"));
  }

  @Test
  void withoutAHandlerTheFirstBadElementFailsThePipeline() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    pipeline.apply(Create.of(1L, 10L)).apply(lookup());
    PipelineExecutionException failure =
        assertThrows(PipelineExecutionException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(
        String.valueOf(failure.getMessage()).contains("set withBadRecordErrorHandler"),
        failure.getMessage());
  }

  @Test
  void whatProcessingRefusesLeavesWithItsReason() {
    InferElements<Long, Float> inference =
        RunInference.onElements(AnyGraph.lookup())
            .withPreProcessing(
                (Long index) -> {
                  if (index == 3) {
                    throw new java.io.IOException("three is unlucky");
                  }
                  return Map.of("I", Tensor.of(new long[] {index}, 1));
                })
            .withPostProcessing(
                TypeDescriptors.floats(),
                outputs -> {
                  float value = AnyGraph.tensor(outputs, "Y").floats()[0];
                  if (value == 105) {
                    throw new IllegalStateException("105 is too much");
                  }
                  return value;
                });
    OneBundle<PredictionResult<Long, Float>> run = looked(inference, digits(10));
    assertEquals(8, run.results().size());
    assertEquals(
        Set.of(
            "pre-processing failed: java.io.IOException: three is unlucky",
            "post-processing failed: java.lang.IllegalStateException: 105 is too much"),
        Set.copyOf(run.reasons()));
  }

  @Test
  void aMissingInputOrAWrongTypeIsABadRecordThatSaysSo() {
    InferElements<Long, Float> inference =
        RunInference.onElements(AnyGraph.lookup())
            .withPreProcessing(
                (Long index) ->
                    index == 0
                        ? Map.of("J", Tensor.of(new long[] {index}, 1))
                        : Map.of("I", Tensor.of(new float[] {index}, 1)))
            .withPostProcessing(
                TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0]);
    OneBundle<PredictionResult<Long, Float>> run = looked(inference, List.of(0L, 1L));
    assertEquals(0, run.results().size());
    assertTrue(
        run.reasons().stream().anyMatch(r -> r.contains("J")), () -> run.reasons().toString());
    assertTrue(
        run.reasons().stream()
            .anyMatch(r -> r.toLowerCase(java.util.Locale.ROOT).contains("float")),
        () -> run.reasons().toString());
  }

  @Test
  void keysPassThrough() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<KV<String, Float>> results =
        pipeline
            .apply(Create.of(List.of(KV.of("x", 1L), KV.of("y", 2L), KV.of("x", 3L))))
            .apply(lookup().keyed())
            .apply(
                MapElements.into(
                        TypeDescriptors.kvs(TypeDescriptors.strings(), TypeDescriptors.floats()))
                    .via(result -> KV.of(result.getKey(), result.getValue().inference())));
    PAssert.that(results)
        .containsInAnyOrder(List.of(KV.of("x", 101f), KV.of("y", 102f), KV.of("x", 103f)));
    pipeline.run().waitUntilFinish();
  }

  @Test
  void examplesOfSeveralRowsAndOfUnlikeShapesGetTheirOwnRows() {
    InferElements<String, String> inference =
        RunInference.onElements(AnyGraph.identity(DataType.FLOAT, -1, -1))
            .withPreProcessing(
                (String shape) -> {
                  int rows = shape.charAt(0) - '0';
                  int columns = shape.charAt(1) - '0';
                  float[] values = new float[rows * columns];
                  Arrays.fill(values, Float.parseFloat(shape));
                  return Map.of("X", Tensor.of(values, rows, columns));
                })
            .withPostProcessing(
                TypeDescriptors.strings(),
                outputs ->
                    AnyGraph.tensor(outputs, "Y")
                        + Arrays.toString(AnyGraph.tensor(outputs, "Y").floats()));
    OneBundle<PredictionResult<String, String>> run =
        OneBundle.of(
            StringUtf8Coder.of(),
            List.of("12", "22", "11", "32", "02"),
            inference::withBadRecordErrorHandler);
    assertEquals(
        Map.of(
            "12", "float[1,2][12.0, 12.0]",
            "22", "float[2,2][22.0, 22.0, 22.0, 22.0]",
            "11", "float[1,1][11.0]",
            "32", "float[3,2][32.0, 32.0, 32.0, 32.0, 32.0, 32.0]",
            "02", "float[0,2][]"),
        run.results().stream()
            .collect(Collectors.toMap(PredictionResult::example, PredictionResult::inference)));
    assertEquals(2, run.calls());
  }

  @Test
  void theSizeOfACallIsLimited() {
    OneBundle<PredictionResult<Long, Float>> run =
        looked(lookup().withBatching(Batching.upTo(300)), digits(1000));
    assertEquals(1000, run.results().size());
    assertEquals(4, run.calls());
    assertEquals(300, run.largestCall());
  }

  @Test
  void theWeightOfACallIsLimitedButNothingIsTooHeavy() {
    OneBundle<PredictionResult<Long, Float>> run =
        looked(
            lookup()
                .withWeight(index -> index)
                .withBatching(Batching.upTo(1000).withMaximumWeight(6)),
            List.of(1L, 2L, 3L, 4L, 9L, 1L));
    // 1+2+3, 4, 9, 1
    assertEquals(4, run.calls());
    assertEquals(6, run.results().size());
  }

  @Test
  void elementsOfUnlikeLengthDoNotShareACall() {
    OneBundle<PredictionResult<Long, Float>> run =
        looked(
            lookup()
                .withLength(index -> index)
                .withBatching(Batching.upTo(1000).inLengthBuckets(2, 5)),
            digits(100));
    assertEquals(3, run.calls());
    assertEquals(100, run.results().size());
  }

  /** Each text's letters, as numbers from 1 on. */
  private static InferElements<String, String> letters() {
    return RunInference.onElements(AnyGraph.identity(DataType.INT64, -1, -1))
        .withPreProcessing(
            (String text) ->
                Map.of(
                    "X",
                    Tensor.of(
                        text.chars().mapToLong(c -> c - 'a' + 1L).toArray(), 1, text.length())))
        .withPostProcessing(
            TypeDescriptors.strings(),
            outputs -> Arrays.toString(AnyGraph.tensor(outputs, "Y").longs()));
  }

  @Test
  void shorterExamplesAreFilledUpOnRequest() {
    OneBundle<PredictionResult<String, String>> run =
        OneBundle.of(
            StringUtf8Coder.of(),
            List.of("a", "abc", "ab", "abcde"),
            letters()
                    .withPadding("X", Tensor.of(new long[] {-1}))
                    .withBatching(Batching.upTo(100).inLengthBuckets(3))
                ::withBadRecordErrorHandler);
    assertEquals(2, run.calls());
    assertEquals(
        Set.of("[1, -1, -1]", "[1, 2, 3]", "[1, 2, -1]", "[1, 2, 3, 4, 5]"),
        run.results().stream().map(PredictionResult::inference).collect(Collectors.toSet()));
  }

  @Test
  void aCallThatTakesTooLongIsEndedAndItsElementIsTheOnlyOneLost() {
    InferElements<Long, Long> inference =
        RunInference.onElements(AnyGraph.countingTo())
            .withPreProcessing((Long count) -> Map.of("count", Tensor.of(new long[] {count})))
            .withPostProcessing(
                TypeDescriptors.longs(), outputs -> AnyGraph.tensor(outputs, "counted").longs()[0])
            .withBatching(Batching.eachAlone())
            .withTimeLimit(java.time.Duration.ofMillis(1500));
    OneBundle<PredictionResult<Long, Long>> run =
        OneBundle.of(
            VarLongCoder.of(), List.of(10L, 1L << 40, 20L), inference::withBadRecordErrorHandler);
    assertEquals(
        Set.of(10L, 20L),
        run.results().stream().map(PredictionResult::inference).collect(Collectors.toSet()));
    assertEquals(1, run.reasons().size());
    assertTrue(run.reasons().get(0).contains("limit of 1500 ms"), run.reasons().get(0));
  }

  @Test
  void anAdaptiveSizeGivesTheSamePredictions() {
    OneBundle<PredictionResult<Long, Float>> run =
        looked(lookup().withBatching(Batching.upTo(4096).adapting()), digits(5000));
    assertEquals(5000, run.results().size());
    assertTrue(run.results().stream().allMatch(r -> r.inference() == 100f + r.example()));
    assertTrue(run.calls() > 2, "calls: " + run.calls());
  }

  @Test
  void aModelWithoutABatchDimensionScoresEachAlone() {
    OnnxModel sum =
        new AnyGraph()
            .input("X", DataType.FLOAT, 3)
            .node("ReduceSum", List.of("X"), "Y")
            .output("Y", DataType.FLOAT, 1)
            .model();
    InferElements<Double, Float> inference =
        RunInference.onElements(sum)
            .withPreProcessing(
                (Double x) -> Map.of("X", Tensor.of(new float[] {x.floatValue(), 1, 2}, 3)))
            .withPostProcessing(
                TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0])
            .withBatching(Batching.eachAlone());
    OneBundle<PredictionResult<Double, Float>> run =
        OneBundle.of(DoubleCoder.of(), List.of(1.0, 2.0), inference::withBadRecordErrorHandler);
    assertEquals(
        Set.of(4f, 5f),
        run.results().stream().map(PredictionResult::inference).collect(Collectors.toSet()));
  }

  @Test
  void aModelThatMixesRowsFailsThePipelineAndSaysWhatToDo() {
    OnnxModel sum =
        new AnyGraph()
            .input("X", DataType.FLOAT, -1)
            .node("ReduceSum", List.of("X"), "Y")
            .output("Y", DataType.FLOAT, 1)
            .model();
    InferElements<Double, Float> inference =
        RunInference.onElements(sum)
            .withPreProcessing(
                (Double x) -> Map.of("X", Tensor.of(new float[] {x.floatValue()}, 1)))
            .withPostProcessing(
                TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0]);
    PipelineExecutionException failure =
        assertThrows(
            PipelineExecutionException.class,
            () ->
                OneBundle.of(
                    DoubleCoder.of(), List.of(1.0, 2.0), inference::withBadRecordErrorHandler));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("Batching.eachAlone()"),
        failure.getMessage());
  }

  @Test
  void aModelFileCutShortFailsWhenTheWorkerStarts() throws IOException {
    byte[] whole = AnyGraph.lookupBytes(100);
    Path file = folder.resolve("cut.onnx");
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    InferElements<Long, Float> inference =
        RunInference.onElements(OnnxModel.at(file.toString()))
            .withPreProcessing((Long index) -> Map.of("I", Tensor.of(new long[] {index}, 1)))
            .withPostProcessing(
                TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0]);
    Throwable failure = assertThrows(RuntimeException.class, () -> looked(inference, digits(1)));
    List<String> messages = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      messages.add(String.valueOf(cause.getMessage()));
    }
    assertTrue(
        messages.stream().anyMatch(message -> message.contains("cut.onnx")), messages.toString());
  }

  @Test
  void theSessionIsClosedWhenNobodyUsesItAnyMore() {
    OnnxModel model = AnyGraph.lookup(700);
    InferElements<Long, Float> inference =
        RunInference.onElements(model)
            .withPreProcessing((Long index) -> Map.of("I", Tensor.of(new long[] {index}, 1)))
            .withPostProcessing(
                TypeDescriptors.floats(),
                outputs -> {
                  if (!OpenModels.shared().isOpen(model)) {
                    throw new IllegalStateException("the session is not in the open");
                  }
                  return AnyGraph.tensor(outputs, "Y").floats()[0];
                });
    assertEquals(10, looked(inference, digits(10)).results().size());
    assertFalse(OpenModels.shared().isOpen(model));
  }

  @Test
  void anyBatchingGivesTheSameBits() {
    List<Long> indexes = IntStream.range(0, 500).mapToObj(i -> (long) i % 10).toList();
    Set<Float> first = inferences(looked(lookup(), indexes));
    for (int size : new int[] {1, 7, 64}) {
      assertEquals(first, inferences(looked(lookup().withBatching(Batching.upTo(size)), indexes)));
    }
  }

  private static Set<Float> inferences(OneBundle<PredictionResult<Long, Float>> run) {
    return run.results().stream()
        .map(PredictionResult::inference)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void resultsHaveACoderWhereverTheyAppear() throws Exception {
    assertEquals(
        PredictionResultCoder.of(StringUtf8Coder.of(), DoubleCoder.of()),
        TestPipeline.create()
            .getCoderRegistry()
            .getCoder(new TypeDescriptor<PredictionResult<String, Double>>() {}));
  }
}
