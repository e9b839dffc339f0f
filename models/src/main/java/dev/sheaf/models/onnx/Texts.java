package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtUtil;

/** Texts on their way out of ONNX Runtime. */
final class Texts {
  private Texts() {}

  static String[] flatten(OnnxTensor tensor) throws OrtException {
    if (tensor.getInfo().getNumElements() == 0) {
      return new String[0];
    }
    Object value = tensor.getValue();
    return value instanceof String scalar ? new String[] {scalar} : OrtUtil.flattenString(value);
  }
}
