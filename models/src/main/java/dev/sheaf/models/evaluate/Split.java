package dev.sheaf.models.evaluate;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The numbers of the rows trained on and of those held out, each ascending. A split of a backtest
 * leaves out the rows after its window.
 *
 * @param train the rows to train on; the array itself, not a copy
 * @param holdout the rows to judge the model on; the array itself, not a copy
 */
// Arrays for speed: the record has its own equality below.
@SuppressWarnings("ArrayRecordComponent")
public record Split(int[] train, int[] holdout) {
  /** Holds out the rows for which the predicate holds and trains on all others. */
  static Split of(int rows, IntPredicate heldOut) {
    return of(rows, heldOut, row -> true);
  }

  /** As before, but rows that would be held out and are not used are left out altogether. */
  static Split of(int rows, IntPredicate heldOut, IntPredicate used) {
    int[] train = new int[rows];
    int[] holdout = new int[rows];
    int trained = 0;
    int held = 0;
    for (int row = 0; row < rows; row++) {
      if (!heldOut.test(row)) {
        train[trained++] = row;
      } else if (used.test(row)) {
        holdout[held++] = row;
      }
    }
    return new Split(Arrays.copyOf(train, trained), Arrays.copyOf(holdout, held));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Split that
        && Arrays.equals(train, that.train)
        && Arrays.equals(holdout, that.holdout);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(train) + Arrays.hashCode(holdout);
  }

  @Override
  public String toString() {
    return "Split(" + train.length + " to train on, " + holdout.length + " held out)";
  }
}
