package dev.sheaf.models.onnx;

import dev.sheaf.models.onnx.ModelGraph.GraphInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares tensors with what a model needs before ONNX Runtime sees them.
 *
 * <p>Each message names the input, what was found and what is needed.
 */
final class InputChecks {
  private final List<GraphInput> inputs;
  private final Map<String, GraphInput> byName = new LinkedHashMap<>();

  InputChecks(List<GraphInput> inputs) {
    this.inputs = inputs;
    inputs.forEach(input -> byName.put(input.spec().name(), input));
  }

  /** Checks names, types and shapes, and that texts can be written as UTF-8. */
  void check(Map<String, Tensor> tensors) {
    names(tensors);
    for (GraphInput input : inputs) {
      Tensor tensor = tensors.get(input.spec().name());
      if (tensor != null) {
        check(input.spec(), tensor, 0);
        Texts.check(input.spec().name(), tensor);
      }
    }
    batches(tensors);
  }

  /** Checks all but the first dimension of each. */
  void checkRows(Map<String, Tensor> tensors) {
    names(tensors);
    for (GraphInput input : inputs) {
      Tensor tensor = tensors.get(input.spec().name());
      if (tensor != null) {
        check(input.spec(), tensor, 1);
        Texts.check(input.spec().name(), tensor);
      }
    }
  }

  private void names(Map<String, Tensor> tensors) {
    for (String name : tensors.keySet()) {
      if (!byName.containsKey(name)) {
        throw new IllegalArgumentException(
            "cannot run a model with a tensor for '" + name + "': its inputs are " + specs());
      }
    }
    for (GraphInput input : inputs) {
      if (!input.spec().optional() && !tensors.containsKey(input.spec().name())) {
        throw new IllegalArgumentException(
            "cannot run a model without a tensor for '"
                + input.spec().name()
                + "': found are "
                + tensors.keySet()
                + ", needed are "
                + specs());
      }
    }
  }

  private String specs() {
    return inputs.stream()
        .map(input -> input.spec().toString())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static void check(TensorSpec spec, Tensor tensor, int firstAxis) {
    boolean fits = tensor.type() == spec.type();
    if (spec.ranked()) {
      fits &= tensor.rank() == spec.rank();
      for (int axis = firstAxis; fits && axis < spec.rank(); axis++) {
        long needed = spec.dimension(axis);
        fits = needed == TensorSpec.DYNAMIC || needed == tensor.dimension(axis);
      }
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "cannot give the model's input '"
              + spec.name()
              + "' a tensor "
              + tensor
              + ": needed is "
              + spec);
    }
  }

  /** First dimensions of one name must be equal. */
  private void batches(Map<String, Tensor> tensors) {
    Map<String, Map.Entry<String, Long>> firsts = new LinkedHashMap<>();
    for (GraphInput input : inputs) {
      Tensor tensor = tensors.get(input.spec().name());
      if (tensor == null || input.batch().isEmpty()) {
        continue;
      }
      long rows = tensor.dimension(0);
      Map.Entry<String, Long> first =
          firsts.putIfAbsent(input.batch(), Map.entry(input.spec().name(), rows));
      if (first != null && rows != first.getValue()) {
        throw new IllegalArgumentException(
            "cannot run a model with "
                + first.getValue()
                + " rows for the input '"
                + first.getKey()
                + "' and "
                + rows
                + " for '"
                + input.spec().name()
                + "': both have the first dimension '"
                + input.batch()
                + "' and need as many");
      }
    }
  }

  /**
   * The number of rows that all given tensors but scalars have.
   *
   * @throws IllegalArgumentException if they differ, or if there is none
   */
  int rows(Map<String, Tensor> tensors) {
    String first = "";
    long rows = -1;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      if (tensor.rank() == 0) {
        continue;
      }
      if (rows >= 0 && tensor.dimension(0) != rows) {
        throw new IllegalArgumentException(
            "cannot run a model with "
                + rows
                + " rows for the input '"
                + first
                + "' and "
                + tensor.dimension(0)
                + " for '"
                + entry.getKey()
                + "': all need as many");
      }
      rows = tensor.dimension(0);
      first = entry.getKey();
    }
    if (rows < 1) {
      throw new IllegalArgumentException(
          "cannot run a model on rows: found are "
              + (rows == 0 ? "0 rows" : "scalars alone")
              + ", needed is 1 row or more");
    }
    return (int) rows;
  }

  /** The first dimension that the model fixes, if it does. */
  @Nullable Long fixedRows() {
    Long fixed = null;
    for (GraphInput input : inputs) {
      TensorSpec spec = input.spec();
      if (spec.rank() == 0 || spec.dimension(0) == TensorSpec.DYNAMIC) {
        continue;
      }
      if (fixed != null && fixed != spec.dimension(0)) {
        throw new IllegalArgumentException(
            "cannot run a model on rows whose inputs have different numbers of rows: " + specs());
      }
      fixed = spec.dimension(0);
    }
    return fixed;
  }
}
