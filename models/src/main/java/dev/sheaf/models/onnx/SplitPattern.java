package dev.sheaf.models.onnx;

import dev.sheaf.models.onnx.ModelBytes.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that was taken apart, as the pattern of others: where nothing differs but the bytes of
 * weights, nothing differs in the template.
 *
 * <p>The template depends on what weights are in one thing alone: whether they are finite.
 */
final class SplitPattern {
  private final ModelBytes model;
  private final SplitModel split;

  /** Where the weights lie, from the graph's first byte on, one behind the other. */
  private final List<Range> weights;

  private SplitPattern(ModelBytes model, SplitModel split, List<Range> weights) {
    this.model = model;
    this.split = split;
    this.weights = weights;
  }

  /**
   * The pattern of a model; empty if not all of its weights are constants of its graph, or if some
   * are not finite.
   *
   * @param names of the weights in their order
   */
  static Optional<SplitPattern> of(ModelBytes model, SplitModel split, Collection<String> names) {
    Map<String, Range> doubles = model.doubles();
    int origin = model.graph().from();
    List<Range> weights = new ArrayList<>();
    int end = 0;
    for (String name : names) {
      Range range = doubles.get(name);
      if (range == null || range.from() - origin < end) {
        return Optional.empty();
      }
      end = range.to() - origin;
      weights.add(new Range(range.from() - origin, end));
    }
    SplitPattern pattern = new SplitPattern(model, split, weights);
    SplitModel again = pattern.split(model);
    return again != null && Arrays.equals(again.weights().values(), split.weights().values())
        ? Optional.of(pattern)
        : Optional.empty();
  }

  /** Takes a model apart that is like this; null if it is not. */
  @Nullable SplitModel split(ModelBytes other) {
    if (!model.isLike(other)) {
      return null;
    }
    double[] values = new double[split.weights().size()];
    int count = 0;
    int at = 0;
    for (Range weight : weights) {
      int size = weight.size() / Double.BYTES;
      if (!isSame(other, at, weight.from()) || count + size > values.length) {
        return null;
      }
      ByteBuffer.wrap(other.onnx(), other.graph().from() + weight.from(), weight.size())
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer()
          .get(values, count, size);
      count += size;
      at = weight.to();
    }
    boolean like = isSame(other, at, model.graph().size()) && count == values.length;
    return like && Arrays.stream(values).allMatch(Double::isFinite)
        ? new SplitModel(split.template(), split.weights().withValues(values))
        : null;
  }

  private boolean isSame(ModelBytes other, int from, int to) {
    int here = model.graph().from();
    int there = other.graph().from();
    return Arrays.equals(
        model.onnx(), here + from, here + to, other.onnx(), there + from, there + to);
  }
}
