package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** With the artefact that a test runs with, which by default has no provider but the CPU. */
class GpuPolicyTest {
  private static final String ARTEFACT =
      "the artefact onnxruntime, for CPUs, is on the class path; build with the Maven profile gpu,"
          + " which takes onnxruntime_gpu, or name the folder of its libraries in"
          + " -Donnxruntime.native.path";

  private static byte[] model(Feature... features) {
    OnnxGraph graph =
        OnnxGraph.of(new ModelMetadata("1", "Y", List.of(features), "none", Map.of(), 1, "none"));
    graph.node("Sum", graph.inputs().subList(0, 1), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  private static byte[] identity() {
    return model(new Feature("x", FeatureType.FLOAT));
  }

  private static double[] predict(ModelSession session) {
    return session.predict(InputColumns.ofNumbers(new double[][] {{0.1, 5, Double.NaN}}, 3));
  }

  private static void assumeNoGpu() {
    assumeFalse(works(ExecutionProvider.cuda()), "this machine has a GPU and the artefact for it");
  }

  private static boolean works(ExecutionProvider provider) {
    try {
      return provider.activate() == provider;
    } catch (OnnxFailure e) {
      return false;
    }
  }

  @Test
  void whatIsMissingFailsBeforeAnyModelIsRead() {
    assumeNoGpu();
    byte[] noModel = {1, 2, 3};
    for (ExecutionProvider provider :
        List.of(ExecutionProvider.cuda().onDevice(1), ExecutionProvider.tensorRt().onDevice(1))) {
      String message =
          String.valueOf(
              assertThrows(OnnxFailure.class, () -> ModelSession.open(noModel, provider))
                  .getMessage());
      assertTrue(message.startsWith("cannot use " + provider + ": "), message);
      if (!ai.onnxruntime.OrtEnvironment.getAvailableProviders()
          .contains(ai.onnxruntime.OrtProvider.CUDA)) {
        assertTrue(message.contains(ARTEFACT), message);
      }
    }
  }

  @Test
  void theCpuPredictsTheSameInItsPlace() {
    assumeNoGpu();
    double[] expected;
    try (ModelSession session = ModelSession.open(identity(), ExecutionProvider.cpu())) {
      assertEquals(ExecutionProvider.cpu(), session.activeProvider());
      expected = predict(session);
    }
    CpuProvider two = ExecutionProvider.cpu().withThreads(2);
    for (ExecutionProvider provider :
        List.of(ExecutionProvider.cuda().orCpu(two), ExecutionProvider.tensorRt().orCpu(two))) {
      try (ModelSession session = ModelSession.open(identity(), provider)) {
        assertEquals(two, session.activeProvider());
        assertArrayEquals(expected, predict(session));
      }
    }
  }

  @Test
  void theCpuIsNoPlaceForABrokenModel() {
    assumeNoGpu();
    OnnxFailure failure =
        assertThrows(
            OnnxFailure.class,
            () -> ModelSession.open(new byte[] {1}, ExecutionProvider.cuda().orCpu()));
    assertTrue(String.valueOf(failure.getMessage()).startsWith("cannot load a model: "));
  }

  @Test
  void theTrialPassesOnlyWhereTheCpuStaysOut() {
    OrtException refusal = assertThrows(OrtException.class, () -> GpuTrial.run(options -> {}));
    assertEquals(
        "ONNX Runtime left the trial's product to the CPU",
        GpuFailure.reason(String.valueOf(refusal.getMessage())));
    assertDoesNotThrow(() -> GpuTrial.run(options -> options.addConfigEntry(GpuTrial.NO_CPU, "0")));
  }

  @Test
  void settingsOfTheCpuLeavePredictionsAsTheyAre() {
    double[] expected;
    try (ModelSession session = ModelSession.open(identity(), ExecutionProvider.cpu())) {
      expected = predict(session);
    }
    for (GraphOptimization level : GraphOptimization.values()) {
      CpuProvider cpu = ExecutionProvider.cpu().withThreads(2).withOptimization(level);
      try (ModelSession session = ModelSession.open(identity(), cpu.withWarmUp(64))) {
        assertArrayEquals(expected, predict(session));
      }
    }
  }

  @Test
  void warmsUpNumbersAndTexts() throws OrtException {
    byte[] onnx =
        model(new Feature("x", FeatureType.FLOAT), new Feature("city", FeatureType.TEXT_CATEGORY));
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu().withWarmUp(1000))) {
      assertEquals(2, session.features().size());
    }
    try (OrtSession session = Sessions.open(onnx, ExecutionProvider.cpu())) {
      WarmUp.run(session, 5);
    }
  }

  @Test
  void aModelThatCannotBeWarmedUpIsRefused() {
    OnnxGraph graph =
        OnnxGraph.of(
            List.of(new OnnxValue("x", OnnxValue.Type.DOUBLE, 1)),
            List.of(new OnnxValue("y", OnnxValue.Type.DOUBLE, 1)),
            Map.of());
    String one = graph.constant("one", new double[] {1, 2, 3}, 3, 1);
    graph.node("Add", List.of("x", one), "y");
    OnnxFailure failure =
        assertThrows(
            OnnxFailure.class,
            () -> Sessions.open(graph.toBytes(), ExecutionProvider.cpu().withWarmUp(2)).close());
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("cannot warm up a model with 2 made-up rows: "), message);
    assertTrue(message.endsWith("; leave out withWarmUp for it"), message);
  }
}
