package dev.sheaf.models.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes models apart one after another, as {@link SplitModel#of} does with one. Most are like one
 * that came shortly before but for their weights, and those are read where they lie; the others are
 * parsed, which takes several times as long.
 *
 * <p>Any thread may use it. It holds the files of the last {@link #MOST} kinds.
 *
 * <pre>{@code
 * ModelSplitter splitter = new ModelSplitter();
 * for (byte[] onnx : models) {
 *   splitter.split(onnx).ifPresent(model -> add(model.template(), model.weights()));
 * }
 * }</pre>
 */
public final class ModelSplitter {
  private static final int MOST = 16;

  /** Of a larger file parsing is not what takes the time. */
  private static final int LARGEST_BYTES = 256 << 10;

  /** The last one first. */
  private volatile List<SplitPattern> patterns = List.of();

  /**
   * Takes a model apart; empty if that is not possible, or if it is damaged.
   *
   * @param onnx a serialized ONNX model, which must not be changed afterwards
   */
  public Optional<SplitModel> split(byte[] onnx) {
    ModelBytes model = onnx.length > LARGEST_BYTES ? null : ModelBytes.of(onnx);
    if (model == null) {
      return SplitModel.of(onnx);
    }
    for (SplitPattern pattern : patterns) {
      SplitModel split = pattern.split(model);
      if (split != null) {
        return Optional.of(split);
      }
    }
    TemplateWriter writer = new TemplateWriter(onnx);
    Optional<SplitModel> split = writer.split();
    split
        .flatMap(found -> SplitPattern.of(model, found, writer.weightNames()))
        .ifPresent(this::remember);
    return split;
  }

  /** Forgets the files that it holds. */
  public synchronized void clear() {
    patterns = List.of();
  }

  private synchronized void remember(SplitPattern pattern) {
    List<SplitPattern> all = new ArrayList<>();
    all.add(pattern);
    all.addAll(patterns.subList(0, Math.min(patterns.size(), MOST - 1)));
    patterns = List.copyOf(all);
  }
}
