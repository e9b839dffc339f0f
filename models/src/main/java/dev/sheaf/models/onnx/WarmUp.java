package dev.sheaf.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A first call of a session with made-up rows of zeros and empty texts, so that what ONNX Runtime
 * leaves to the first call (memory, choice of algorithms, compiled engines) is done before rows
 * wait for it.
 */
final class WarmUp {
  private WarmUp() {}

  /** Calls it once; an open first dimension becomes {@code rows}, any other open one 1. */
  static void run(OrtSession session, int rows) throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (NodeInfo input : session.getInputInfo().values()) {
        if (!(input.getInfo() instanceof TensorInfo tensor)) {
          throw new IllegalArgumentException(
              "the input '" + input.getName() + "' is no tensor, " + input.getInfo());
        }
        inputs.put(input.getName(), zeros(tensor, rows));
      }
      session.run(inputs).close();
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor zeros(TensorInfo tensor, int rows) throws OrtException {
    long[] shape = tensor.getShape();
    int elements = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] < 0) {
        shape[i] = i == 0 ? rows : 1;
      }
      elements = Math.multiplyExact(elements, Math.toIntExact(shape[i]));
    }
    if (tensor.type == OnnxJavaType.STRING) {
      String[] texts = new String[elements];
      Arrays.fill(texts, "");
      return OnnxTensor.createTensor(Environment.get(), texts, shape);
    }
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(elements, tensor.type.size))
            .order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(Environment.get(), bytes, shape, tensor.type);
  }
}
