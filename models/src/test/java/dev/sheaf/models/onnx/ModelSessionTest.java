package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelSessionTest {
  private static OnnxGraph graph(String... features) {
    List<Feature> described = new ArrayList<>();
    for (String feature : features) {
      described.add(new Feature(feature, FeatureType.FLOAT));
    }
    return OnnxGraph.of(new ModelMetadata("1", "Y", described, "none", Map.of(), 1, "none"));
  }

  private static List<String> names(ModelSession session) {
    return session.features().stream().map(Feature::name).toList();
  }

  private static byte[] sum(String... features) {
    OnnxGraph graph = graph(features);
    graph.node("Sum", graph.inputs(), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  @Test
  void predictsPartsOfColumnsIntoPartsOfTheOutput() {
    try (ModelSession session = ModelSession.open(sum("b", "a"), ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(new BatchShape(2, 1))) {
      assertEquals(List.of("b", "a"), names(session));
      InputColumns columns =
          InputColumns.ofNumbers(new double[][] {{1, 2, 3, 4}, {10, 20, 30, 40}}, 4);
      double[] out = new double[5];
      session.predict(buffers, columns, 1, 2, out, 3);
      assertArrayEquals(new double[] {0, 0, 0, 22, 33}, out);
      session.predict(buffers, columns, 0, 0, out, 0);
      session.predict(buffers, columns, 0, 4, out, 0);
      assertArrayEquals(new double[] {11, 22, 33, 44, 33}, out);
    }
  }

  @Test
  void aCallUnderALimitPredictsTheSame() {
    byte[] model = sum("b", "a");
    InputColumns columns = InputColumns.ofNumbers(new double[][] {{1, 2}, {10, 20}}, 2);
    try (ModelSession limited =
        ModelSession.open(model, ExecutionProvider.cpu(), Duration.ofSeconds(30))) {
      assertArrayEquals(new double[] {11, 22}, limited.predict(columns));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> ModelSession.open(model, ExecutionProvider.cpu(), Duration.ofDays(2)));
  }

  @Test
  void aPredictionThatNeverEndsIsEndedAndTheSessionGoesOn() {
    Duration limit = Duration.ofMillis(500);
    try (ModelSession session =
        ModelSession.open(CallLimitTest.loopOfFeature(), ExecutionProvider.cpu(), limit)) {
      InputColumns forever = InputColumns.ofNumbers(new double[][] {{1e18}}, 1);
      InputColumns brief = InputColumns.ofNumbers(new double[][] {{3}}, 1);
      for (int again = 0; again < 3; again++) {
        CallLimitException ended =
            assertThrows(CallLimitException.class, () -> session.predict(forever));
        assertEquals(limit, ended.limit());
        assertArrayEquals(new double[] {3}, session.predict(brief));
      }
    }
  }

  @Test
  void buffersGrowAndServeManyModels() {
    try (BatchBuffers buffers = new BatchBuffers(new BatchShape(1, 1))) {
      for (int rows : new int[] {1, 65, 3, 1000, 1000, 2}) {
        try (ModelSession session = ModelSession.open(sum("x"), ExecutionProvider.cpu())) {
          double[] column = new double[rows];
          column[rows - 1] = rows;
          double[] out = new double[rows];
          session.predict(
              buffers, InputColumns.ofNumbers(new double[][] {column}, rows), 0, rows, out, 0);
          assertArrayEquals(column, out);
        }
      }
    }
  }

  @Test
  void threadsShareASession() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (ModelSession session = ModelSession.open(sum("x", "y"), ExecutionProvider.cpu())) {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int seed = t;
        results.add(threads.submit(() -> predictsRight(session, seed)));
      }
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean predictsRight(ModelSession session, int seed) {
    try (BatchBuffers buffers = new BatchBuffers(new BatchShape(2, 1))) {
      double[] out = new double[50];
      for (int i = 0; i < 500; i++) {
        double[] x = new double[50];
        x[i % 50] = seed;
        session.predict(buffers, InputColumns.ofNumbers(new double[][] {x, x}, 50), 0, 50, out, 0);
        if (out[i % 50] != 2.0 * seed) {
          return false;
        }
      }
      return true;
    }
  }

  @Test
  void namesInsideTheGraphNeverMeetAColumns() {
    OnnxGraph graph = graph("/a", "//b", "a b\u00e9\"'");
    String inner = graph.node("Sum", graph.inputs(), graph.name("a"));
    graph.node("Neg", List.of(inner), ModelSession.OUTPUT);
    double[] out;
    try (ModelSession session = ModelSession.open(graph.toBytes(), ExecutionProvider.cpu())) {
      assertEquals(List.of("/a", "//b", "a b\u00e9\"'"), names(session));
      out = session.predict(InputColumns.ofNumbers(new double[][] {{1}, {2}, {4}}, 1));
    }
    assertEquals(-7, out[0]);
  }

  @Test
  void theSizeCoversTheModel() {
    byte[] onnx = sum("x");
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      assertTrue(session.byteSize() > 30_000 + onnx.length);
    }
    String[] hundred = IntStream.range(0, 100).mapToObj(i -> "feature" + i).toArray(String[]::new);
    try (ModelSession wide = ModelSession.open(sum(hundred), ExecutionProvider.cpu())) {
      assertTrue(wide.byteSize() > 300 << 10, wide.byteSize() + " bytes");
    }
  }

  @Test
  void whatIsNoModelIsRefused() {
    byte[] text = "no model".getBytes(StandardCharsets.UTF_8);
    OnnxFailure failure =
        assertThrows(OnnxFailure.class, () -> ModelSession.open(text, ExecutionProvider.cpu()));
    assertTrue(String.valueOf(failure.getMessage()).startsWith("cannot load a model: "));
    OnnxGraph unknown = graph("x");
    unknown.node("NoSuchOperator", unknown.inputs(), ModelSession.OUTPUT);
    assertThrows(
        OnnxFailure.class, () -> ModelSession.open(unknown.toBytes(), ExecutionProvider.cpu()));
  }

  @Test
  void wrongColumnsAreRefused() {
    try (ModelSession session = ModelSession.open(sum("x", "y"), ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(new BatchShape(2, 1))) {
      assertEquals(
          "cannot predict from 1 columns with buffers for BatchShape[numbers=2, outputs=1]: the model has the features [x, y] and the shape BatchShape[numbers=2, outputs=1]",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      session.predict(
                          buffers,
                          InputColumns.ofNumbers(new double[1][4], 4),
                          0,
                          4,
                          new double[4],
                          0))
              .getMessage());
    }
  }
}
