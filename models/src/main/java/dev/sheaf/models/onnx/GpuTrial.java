package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Proves that a GPU computes, by a matrix product that may run nowhere else.
 *
 * <p>ONNX Runtime lists the providers that it was built with, whether or not there is a device. So
 * a session is opened that must not fall back to the CPU: a node without a device refuses it. Then
 * the product is computed and compared, since a device too old for the kernels fails only there.
 */
final class GpuTrial {
  /** ONNX Runtime's session_options_config_keys.h. */
  static final String NO_CPU = "session.disable_cpu_ep_fallback";

  private static final int OPSET = 13;
  private static final int IR_VERSION = 8;
  private static final float[] WEIGHTS = {1, 2, 3, 4};
  private static final float[] ROW = {5, 7};
  private static final float[] PRODUCT = {26, 38};

  private GpuTrial() {}

  static void run(GpuProvider provider) throws OrtException {
    run(provider::addAloneTo);
  }

  /** Makes a session compute somewhere. */
  interface Place {
    void addTo(SessionOptions options) throws OrtException;
  }

  static void run(Place place) throws OrtException {
    // First of all: without it a provider's library cannot log, and its error hides the real one.
    OrtEnvironment environment = Environment.get();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry(NO_CPU, "1");
      place.addTo(options);
      try (OrtSession session = environment.createSession(product(), options);
          OnnxTensor row =
              OnnxTensor.createTensor(
                  environment, FloatBuffer.wrap(ROW), new long[] {1, ROW.length});
          OrtSession.Result result = session.run(Map.of("x", row))) {
        float[] found = ((OnnxTensor) result.get(0)).getFloatBuffer().array();
        if (!Arrays.equals(found, PRODUCT)) {
          throw new IllegalStateException(
              "a product came out as "
                  + Arrays.toString(found)
                  + " instead of "
                  + Arrays.toString(PRODUCT));
        }
      }
    }
  }

  /** {@code y[1,2] = x[1,2] * w[2,2]}. */
  private static byte[] product() {
    TensorProto.Builder weights =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .addDims(2)
            .addDims(2);
    for (float weight : WEIGHTS) {
      weights.addFloatData(weight);
    }
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(
            GraphProto.newBuilder()
                .setName("trial")
                .addInput(row("x"))
                .addOutput(row("y"))
                .addInitializer(weights)
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType("MatMul")
                        .addAllInput(List.of("x", "w"))
                        .addOutput("y")))
        .build()
        .toByteArray();
  }

  private static ValueInfoProto row(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(
                            TensorShapeProto.newBuilder()
                                .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(1))
                                .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(2)))))
        .build();
  }
}
