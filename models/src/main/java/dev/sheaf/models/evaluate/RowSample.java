package dev.sheaf.models.evaluate;

import dev.sheaf.models.table.RowBlock;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * A random sample of at most so many rows, the same however the rows are spread over blocks, in
 * whatever order they are added and whichever samples are merged: the rows whose hashes, mixed with
 * the seed, are the smallest.
 *
 * <p>Every row that was added counts by itself, even if another one equals it. Rows with equal
 * hashes, as equal rows have, are taken before all others or after all others together; where the
 * limit falls among them, the first of them in {@linkplain RowBlock#canonical() canonical order}
 * are kept. So up to the limit no row is lost, and beyond it exactly the limit is kept.
 *
 * <p>The choice has nothing to do with that of {@link Holdout}, for any seed. At rest it holds at
 * most twice the limit of rows, and once the limit more while these are cut down. Confined to one
 * thread.
 *
 * <pre>{@code
 * RowSample sample = RowSample.of(100_000, 7);
 * blocks.forEach(sample::add);
 * RowBlock rows = sample.rows();
 * }</pre>
 */
public final class RowSample {
  private final int limit;
  private final long seed;
  private final List<RowBlock> held = new ArrayList<>();
  private long heldRows;
  private long seen;

  /** The largest mixed hash that may still be among the smallest. */
  private long threshold = Long.MAX_VALUE;

  private RowSample(int limit, long seed) {
    this.limit = limit;
    this.seed = seed;
  }

  /**
   * An empty sample.
   *
   * @param limit the most rows to keep, at least 1
   * @param seed chooses one of the possible samples; only samples of one seed can be merged
   */
  public static RowSample of(int limit, long seed) {
    if (limit < 1) {
      throw new IllegalArgumentException(
          "cannot sample at most " + limit + " rows: at least 1 is needed");
    }
    return new RowSample(limit, seed);
  }

  /** The most rows that are kept. */
  public int limit() {
    return limit;
  }

  /** The number of rows that were added, kept or not. */
  public long seen() {
    return seen;
  }

  /** Adds the rows of a block, which must have the same features as all others. */
  public RowSample add(RowBlock block) {
    seen += block.rows();
    hold(block);
    return this;
  }

  /**
   * Adds all that was added to another sample, which stays as it is.
   *
   * @throws IllegalArgumentException if it has another limit or seed
   */
  public RowSample merge(RowSample other) {
    if (other.limit != limit || other.seed != seed) {
      throw new IllegalArgumentException(
          ("cannot merge a sample of at most %d rows with seed %d into one of %d with seed %d: both"
                  + " must be the same")
              .formatted(other.limit, other.seed, limit, seed));
    }
    seen += other.seen;
    for (RowBlock block : List.copyOf(other.held)) {
      hold(block);
    }
    return this;
  }

  /**
   * The sampled rows in {@linkplain RowBlock#canonical() canonical order}; more may be added
   * afterwards.
   *
   * @throws IllegalStateException if nothing was added, so that the features are not known
   */
  public RowBlock rows() {
    checkNotEmpty();
    cut();
    return withoutIdleWeights(held.get(0).canonical());
  }

  /**
   * Writes the sampled rows in any order, as {@link RowBlock#readFrom} reads them: to be added to
   * another sample of the same limit and seed.
   *
   * @throws IllegalStateException as {@link #rows()}
   */
  public void writeTo(DataOutput out) throws IOException {
    checkNotEmpty();
    cut();
    held.get(0).writeTo(out);
  }

  /**
   * The rows without weights if all are 1, as where no row of another weight was ever added: what
   * is kept must not tell which rows were not.
   */
  private static RowBlock withoutIdleWeights(RowBlock rows) {
    double[] weights = rows.weights();
    if (weights == null || Arrays.stream(weights).anyMatch(weight -> weight != 1)) {
      return rows;
    }
    RowBlock.Builder builder = RowBlock.builder(rows.features());
    for (int f = 0; f < rows.features(); f++) {
      for (String text : rows.dictionary(f)) {
        builder.code(f, text);
      }
    }
    rows.classes().forEach(builder::classCode);
    double[] features = new double[rows.features()];
    for (int row = 0; row < rows.rows(); row++) {
      for (int f = 0; f < features.length; f++) {
        features[f] = rows.column(f)[row];
      }
      builder.append(features, rows.labels()[row], rows.hashes()[row], rows.orders()[row]);
    }
    return builder.build();
  }

  private void checkNotEmpty() {
    if (held.isEmpty()) {
      throw new IllegalStateException(
          "cannot tell the rows of a sample to which no block was added: add one, even of no rows");
    }
  }

  private void hold(RowBlock block) {
    RowBlock candidates = smallest(block);
    if (heldRows + candidates.rows() > 2L * limit) {
      cut();
    }
    if (!held.isEmpty() && candidates.rows() == 0) {
      return;
    }
    held.add(candidates);
    heldRows += candidates.rows();
    // Joined like carries of a binary counter: few blocks, and each row is copied few times.
    for (int last = held.size() - 1;
        last > 0 && held.get(last - 1).rows() <= held.get(last).rows();
        last--) {
      join(last - 1);
    }
  }

  /** Joins the held blocks from the given one on. */
  private void join(int first) {
    List<RowBlock> tail = held.subList(first, held.size());
    RowBlock joined = RowBlock.concat(tail);
    tail.clear();
    held.add(joined);
  }

  /** Cuts the held rows down to the limit, in one block. */
  private void cut() {
    join(0);
    if (heldRows > limit) {
      // Compacted, since the dictionaries still have the texts of all rows.
      RowBlock kept = smallest(held.get(0)).compact();
      held.set(0, kept);
      heldRows = kept.rows();
      threshold = Arrays.stream(mixed(kept)).max().orElseThrow();
    }
  }

  private long[] mixed(RowBlock block) {
    long salt = Holdouts.mix(~seed);
    return Arrays.stream(block.hashes()).map(hash -> Holdouts.mix(hash, salt)).toArray();
  }

  /** The rows of the block that may belong to the sample, no more than the limit. */
  private RowBlock smallest(RowBlock block) {
    if (threshold == Long.MAX_VALUE && block.rows() <= limit) {
      return block;
    }
    long[] mixed = mixed(block);
    int[] possible = rows(mixed, value -> value <= threshold);
    if (possible.length <= limit) {
      return possible.length == mixed.length ? block : block.select(possible);
    }
    long[] sorted = Arrays.stream(possible).mapToLong(row -> mixed[row]).sorted().toArray();
    long largest = sorted[limit - 1];
    int[] smaller = rows(mixed, value -> value < largest);
    RowBlock ties = block.select(rows(mixed, value -> value == largest));
    int room = limit - smaller.length;
    if (ties.rows() > room) {
      ties = ties.canonical().select(IntStream.range(0, room).toArray());
    }
    return RowBlock.concat(List.of(block.select(smaller), ties));
  }

  private static int[] rows(long[] mixed, LongPredicate condition) {
    return IntStream.range(0, mixed.length).filter(row -> condition.test(mixed[row])).toArray();
  }
}
