package dev.sheaf.models.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a model gives for one of its outputs: a tensor, or a sequence or map of such. */
public sealed interface OnnxOutput {

  /** A tensor. */
  record OfTensor(Tensor tensor) implements OnnxOutput {}

  /** A sequence of tensors or of maps; of any length. */
  record OfSequence(List<OnnxOutput> elements) implements OnnxOutput {
    /** Copies the list. */
    public OfSequence {
      elements = List.copyOf(elements);
    }
  }

  /**
   * A map, as ZipMap gives one for each row: from {@link Long} or {@link String} to {@link Float},
   * {@link Double}, {@link Long} or {@link String}.
   */
  record OfMap(Map<Object, Object> entries) implements OnnxOutput {
    /** Copies the map. */
    public OfMap {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }
  }

  /** Nothing: an output of an optional type that has no value. */
  record OfNothing() implements OnnxOutput {}

  /**
   * The tensor.
   *
   * @throws IllegalStateException if this is a sequence or a map
   */
  default Tensor tensor() {
    throw new IllegalStateException("cannot take a tensor out of " + this);
  }
}
