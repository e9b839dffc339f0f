package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.Tensor;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** Where an input of a model comes from, as the user tells. */
sealed interface InputSource extends Serializable {
  /** One column or several, in this order. */
  record Columns(List<String> names) implements InputSource {
    public Columns {
      names = List.copyOf(names);
    }
  }

  /** A column of arrays, whose elements make up a shape with at most one open dimension. */
  final class Array implements InputSource {
    private static final long serialVersionUID = 1L;
    private final String name;
    private final long[] shape;

    Array(String name, long[] shape) {
      this.name = name;
      this.shape = shape.clone();
    }

    String name() {
      return name;
    }

    long[] shape() {
      return shape.clone();
    }

    @Override
    public String toString() {
      return name + " " + Arrays.toString(shape);
    }
  }

  /** The same tensor for each row; written as its coder writes it. */
  final class Constant implements InputSource {
    private static final long serialVersionUID = 1L;
    private final byte[] encoded;

    Constant(Tensor value) {
      this.encoded = Coded.toBytes(TensorCoder.of(), value);
    }

    Tensor value() {
      return Coded.fromBytes(TensorCoder.of(), encoded);
    }
  }
}
