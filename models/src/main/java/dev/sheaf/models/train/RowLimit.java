package dev.sheaf.models.train;

import java.io.Serializable;

/**
 * How many rows of a key are trained on, and what happens to a key with more.
 *
 * @param rows the most rows, at least 1
 * @param overflow what happens to a key with more
 * @param seed chooses the sample, if there is one
 */
public record RowLimit(long rows, Overflow overflow, long seed) implements Serializable {
  /** What happens to a key with more rows than the limit. */
  public enum Overflow {
    /** It is {@link TrainingStatus#TOO_LARGE}. */
    REFUSE,
    /** It is trained on a sample of its rows. */
    SAMPLE
  }

  public RowLimit {
    if (rows < 1) {
      throw new IllegalArgumentException(
          "cannot set the most rows of a key to " + rows + ": it must be 1 or more");
    }
    if (overflow == Overflow.SAMPLE && rows > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "cannot sample %d rows of a key: at most %d are possible"
              .formatted(rows, Integer.MAX_VALUE - 8));
    }
  }

  /** A key with more rows is {@link TrainingStatus#TOO_LARGE}. */
  public static RowLimit refuseAbove(long rows) {
    return new RowLimit(rows, Overflow.REFUSE, 0);
  }

  /**
   * A key with more rows is trained on a sample of so many: those whose hash, mixed with the seed,
   * is smallest, so that the same rows are taken however they come; see {@link
   * dev.sheaf.models.evaluate.RowSample}.
   */
  public static RowLimit sampleAbove(long rows, long seed) {
    return new RowLimit(rows, Overflow.SAMPLE, seed);
  }

  /** The same rule for as many rows as so many bytes hold, 8 for each number of a row. */
  public RowLimit withBytes(long bytes, int features) {
    long perRow = 8L * (features + 4);
    return new RowLimit(Math.max(1, Math.min(rows, bytes / perRow)), overflow, seed);
  }
}
