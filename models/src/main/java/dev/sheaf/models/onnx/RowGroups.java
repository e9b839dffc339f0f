package dev.sheaf.models.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows in groups of the size that a model fixes, and their results together again. */
final class RowGroups {
  /** More rows than anybody fixes; each call would compute that many. */
  private static final int LARGEST = 1 << 20;

  private RowGroups() {}

  /**
   * The size of a group.
   *
   * @throws IllegalArgumentException if rows cannot be filled up to it
   */
  static int size(long fixed) {
    if (fixed < 1 || fixed > LARGEST) {
      throw new IllegalArgumentException(
          "cannot run a model on rows that fixes their number as "
              + fixed
              + "; valid are 1 to "
              + LARGEST
              + ", unless as many rows are given");
    }
    return (int) fixed;
  }

  /** Some rows, filled up to a group with copies of the last one. */
  static Map<String, Tensor> part(Map<String, Tensor> tensors, int from, int rows, int group) {
    Map<String, Tensor> part = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            part.put(name, tensor.rank() == 0 ? tensor : filled(tensor, from, rows, group)));
    return part;
  }

  private static Tensor filled(Tensor tensor, int from, int rows, int group) {
    Tensor some = tensor.slice(from, rows);
    if (rows == group) {
      return some;
    }
    List<Tensor> parts = new ArrayList<>();
    parts.add(some);
    parts.addAll(Collections.nCopies(group - rows, tensor.slice(from + rows - 1, 1)));
    return Tensor.concat(parts);
  }

  /** The results of the first rows, after a check that there are as many as rows went in. */
  static Map<String, OnnxOutput> checked(Map<String, OnnxOutput> outputs, int ran, int wanted) {
    Map<String, OnnxOutput> cut = new LinkedHashMap<>();
    outputs.forEach((name, output) -> cut.put(name, cut(name, output, ran, wanted)));
    return Collections.unmodifiableMap(cut);
  }

  private static OnnxOutput cut(String name, OnnxOutput output, int ran, int wanted) {
    if (output instanceof OnnxOutput.OfTensor of
        && of.tensor().rank() > 0
        && of.tensor().dimension(0) == ran) {
      return ran == wanted ? output : new OnnxOutput.OfTensor(of.tensor().slice(0, wanted));
    }
    if (output instanceof OnnxOutput.OfSequence of && of.elements().size() == ran) {
      return ran == wanted ? output : new OnnxOutput.OfSequence(of.elements().subList(0, wanted));
    }
    throw new MixedRowsFailure(
        "cannot tell the rows of the output '"
            + name
            + "' apart: "
            + ran
            + " rows went in, and out came "
            + output
            + "; needed is as many, in the first dimension");
  }

  static Map<String, OnnxOutput> joined(List<Map<String, OnnxOutput>> parts) {
    Map<String, OnnxOutput> joined = new LinkedHashMap<>();
    for (String name : parts.get(0).keySet()) {
      List<OnnxOutput> all = parts.stream().map(part -> part.get(name)).toList();
      joined.put(name, joinedOutput(all));
    }
    return Collections.unmodifiableMap(joined);
  }

  private static OnnxOutput joinedOutput(List<OnnxOutput> parts) {
    List<Tensor> tensors = new ArrayList<>();
    List<OnnxOutput> elements = new ArrayList<>();
    for (OnnxOutput part : parts) {
      if (part instanceof OnnxOutput.OfTensor of) {
        tensors.add(of.tensor());
      } else if (part instanceof OnnxOutput.OfSequence of) {
        elements.addAll(of.elements());
      }
    }
    return tensors.isEmpty()
        ? new OnnxOutput.OfSequence(elements)
        : new OnnxOutput.OfTensor(Tensor.concat(tensors));
  }
}
