package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CallLimitTest {
  private static final long FOREVER = Long.MAX_VALUE;
  private static final Duration LIMIT = Duration.ofMillis(500);

  /** Goes round {@code trips} times, which is told at each call, and counts. */
  static byte[] loop() {
    GraphProto body =
        new Graph()
            .input("round", TensorType.INT64)
            .input("going", TensorType.BOOL)
            .input("count", TensorType.DOUBLE, 1)
            .output("still", TensorType.BOOL)
            .output("next", TensorType.DOUBLE, 1)
            .node("Identity", List.of("going"), "still")
            .node("Add", List.of("count", "one"), "next")
            .proto()
            .build();
    Graph graph =
        new Graph()
            .input("trips", TensorType.INT64)
            .input("one", TensorType.DOUBLE, 1)
            .input("start", TensorType.DOUBLE, 1)
            .output("count", TensorType.DOUBLE, 1);
    graph.proto().addNode(loop(body, "trips", "start", "count"));
    return graph.bytes();
  }

  /** One of our own models: predicts its feature by counting up to it. */
  static byte[] loopOfFeature() {
    GraphProto body =
        new Graph()
            .input("round", TensorType.INT64)
            .input("going", TensorType.BOOL)
            .input("count", TensorType.DOUBLE, 1, 1)
            .output("still", TensorType.BOOL)
            .output("next", TensorType.DOUBLE, 1, 1)
            .node("Identity", List.of("going"), "still")
            .node("Add", List.of("count", "one"), "next")
            .proto()
            .build();
    Graph graph =
        new Graph()
            .input("x", TensorType.DOUBLE, "N", 1)
            .output("prediction", TensorType.DOUBLE, "N", 1)
            .initializer(doubles("one", 1))
            .initializer(doubles("zero", 0))
            .node(
                "Cast", List.of("x"), "trips", Attributes.of("to", TensorType.INT64.protoNumber()));
    graph.proto().addNode(loop(body, "trips", "zero", "prediction"));
    return graph.bytes();
  }

  private static TensorProto.Builder doubles(String name, double value) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorType.DOUBLE.protoNumber())
        .addDims(1)
        .addDims(1)
        .addDoubleData(value);
  }

  private static NodeProto loop(GraphProto body, String trips, String start, String end) {
    return NodeProto.newBuilder()
        .setOpType("Loop")
        .addInput(trips)
        .addInput("")
        .addInput(start)
        .addOutput(end)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body))
        .build();
  }

  private static Map<String, Tensor> trips(long trips) {
    return Map.of(
        "trips",
        Tensor.of(new long[] {trips}),
        "one",
        Tensor.of(new double[] {1}, 1),
        "start",
        Tensor.of(new double[] {0}, 1));
  }

  private static double count(TensorSession session, long trips) {
    return Objects.requireNonNull(session.run(trips(trips)).get("count")).tensor().doubles()[0];
  }

  @Test
  void aCallThatNeverEndsIsEndedAndTheSessionGoesOn() {
    OnnxModel model = OnnxModel.ofBytes(loop()).withCallLimit(LIMIT);
    try (TensorSession session = TensorSession.open(model)) {
      for (int again = 0; again < 3; again++) {
        CallLimitException ended =
            assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertThrows(CallLimitException.class, () -> count(session, FOREVER)));
        assertEquals(LIMIT, ended.limit());
        assertEquals("ended a call of a model at its limit of 500 ms", ended.getMessage());
        assertEquals(7, count(session, 7));
      }
    }
  }

  @Test
  void oneCallThatIsEndedLeavesThoseOfOtherThreadsAlone() throws Exception {
    OnnxModel model = OnnxModel.ofBytes(loop());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (TensorSession limited = TensorSession.open(model.withCallLimit(LIMIT));
        TensorSession patient = TensorSession.open(model.withCallLimit(Duration.ofMinutes(5)))) {
      List<Future<Double>> counts = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        counts.add(threads.submit(() -> sumOfCounts(patient)));
      }
      Callable<CallLimitException> endless =
          () -> assertThrows(CallLimitException.class, () -> count(limited, FOREVER));
      Future<CallLimitException> ended = threads.submit(endless);
      assertEquals(LIMIT, ended.get(30, TimeUnit.SECONDS).limit());
      for (Future<Double> count : counts) {
        assertEquals(1000.0 * 999 / 2, count.get(30, TimeUnit.SECONDS));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static double sumOfCounts(TensorSession session) {
    double sum = 0;
    for (int trips = 0; trips < 1000; trips++) {
      sum += count(session, trips);
    }
    return sum;
  }

  @Test
  void callsAroundTheLimitGiveTheRightCountOrAreEnded() {
    OnnxModel model = OnnxModel.ofBytes(loop()).withCallLimit(Duration.ofMillis(1));
    try (TensorSession session = TensorSession.open(model)) {
      int ended = 0;
      for (int i = 0; i < 300; i++) {
        long trips = 200L * (i % 40);
        try {
          assertEquals((double) trips, count(session, trips));
        } catch (CallLimitException e) {
          ended++;
        }
      }
      assertTrue(ended < 300, "ended " + ended);
    }
  }

  @Test
  void limitsHaveBounds() {
    OnnxModel model = OnnxModel.ofBytes(loop());
    assertEquals(
        "cannot limit calls of a model to PT0S; valid are 1 millisecond to 1 day",
        assertThrows(IllegalArgumentException.class, () -> model.withCallLimit(Duration.ZERO))
            .getMessage());
  }
}
