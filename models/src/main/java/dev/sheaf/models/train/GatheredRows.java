package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.RowSample;
import dev.sheaf.models.table.RowBlock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of one key as they come: all are counted; of too many, a sample is held or none. */
final class GatheredRows {
  private final RowLimit limit;
  private final HeldBytes held;
  private List<RowBlock> blocks = new ArrayList<>();
  private @Nullable RowSample sample;
  private long count;

  GatheredRows(RowLimit limit, HeldBytes held) {
    this.limit = limit;
    this.held = held;
  }

  void add(RowBlock block) {
    count += block.rows();
    RowSample sampled = sample;
    if (sampled != null) {
      sampled.add(block);
    } else if (count <= limit.rows()) {
      blocks.add(block);
      held.add(block.byteSize());
    } else if (limit.overflow() == RowLimit.Overflow.SAMPLE) {
      sampled = RowSample.of((int) limit.rows(), limit.seed());
      blocks.forEach(sampled::add);
      sampled.add(block);
      sample = sampled;
      blocks = new ArrayList<>();
    } else {
      drop();
    }
  }

  /** How many there were, held or not. */
  long count() {
    return count;
  }

  void drop() {
    blocks = new ArrayList<>();
    sample = null;
    held.clear();
  }

  /** What is held, in canonical order; it is held here no longer. */
  RowBlock takeCanonical() {
    RowSample sampled = sample;
    RowBlock all;
    if (sampled != null) {
      all = sampled.rows();
      held.add(2 * all.byteSize());
    } else {
      all = RowBlock.concat(blocks).canonical();
      held.add(all.byteSize());
    }
    blocks = new ArrayList<>();
    sample = null;
    return all;
  }
}
