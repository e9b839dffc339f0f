package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Carries tensors over to ONNX Runtime and its values back. */
final class Values {
  private Values() {}

  static OnnxTensor toNative(Tensor tensor, Scratch scratch) throws OrtException {
    if (tensor.type().isText()) {
      return Texts.toNative(tensor.texts(), tensor.shape());
    }
    return OnnxTensor.createTensor(
        Environment.get(), scratch.direct(tensor), tensor.shape(), tensor.type().javaType());
  }

  static OnnxOutput fromNative(OnnxValue value) throws OrtException {
    if (value instanceof OnnxTensor tensor) {
      return new OnnxOutput.OfTensor(tensor(tensor));
    }
    if (value instanceof OnnxSequence sequence) {
      return sequence(sequence);
    }
    if (value instanceof OnnxMap map) {
      return map(map);
    }
    throw new IllegalArgumentException(
        "cannot read an output that is a "
            + value.getType()
            + "; valid are tensors, sequences and maps");
  }

  private static OnnxOutput sequence(OnnxSequence sequence) throws OrtException {
    List<OnnxOutput> elements = new ArrayList<>();
    List<? extends OnnxValue> values = sequence.getValue();
    try {
      for (OnnxValue value : values) {
        elements.add(fromNative(value));
      }
    } finally {
      values.forEach(OnnxValue::close);
    }
    return new OnnxOutput.OfSequence(elements);
  }

  private static OnnxOutput map(OnnxMap map) throws OrtException {
    Map<Object, Object> entries = new LinkedHashMap<>();
    entries.putAll(map.getValue());
    return new OnnxOutput.OfMap(entries);
  }

  private static Tensor tensor(OnnxTensor tensor) throws OrtException {
    TensorType type = TensorType.of(tensor.getInfo());
    long[] shape = tensor.getInfo().getShape();
    if (type.isText()) {
      return Tensor.of(Texts.fromNative(tensor), shape);
    }
    int elements = Shapes.elements(shape, type.elementBytes());
    ByteBuffer bytes = elements == 0 ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    return Tensor.ofBuffer(type, bytes, shape);
  }
}
