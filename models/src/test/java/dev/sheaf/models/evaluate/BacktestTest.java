package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link Holdout#splits} and {@link Holdout#splitAgain}. */
class BacktestTest {
  private static RowBlock rows(long[] hashes, long[] orders) {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < hashes.length; i++) {
      rows.append(new double[] {i}, i, hashes[i], orders[i]);
    }
    return rows.build();
  }

  private static RowBlock ordered(long... orders) {
    return rows(new long[orders.length], orders);
  }

  private static List<Split> splits(Holdout holdout, long... orders) {
    return holdout.splits(ordered(orders));
  }

  private static Split split(int[] train, int... holdout) {
    return new Split(train, holdout);
  }

  private static int[] of(int... rows) {
    return rows;
  }

  @Test
  void windowsFollowEachOtherToTheEnd() {
    Holdout rolling = Holdout.rolling("A", 3, 0.2);
    assertEquals(
        List.of(
            split(of(1, 3, 5, 6), 0, 8),
            split(of(0, 1, 3, 5, 6, 8), 2, 4),
            split(of(0, 1, 2, 3, 4, 5, 6, 8), 7, 9)),
        splits(rolling, 50, 10, 60, 11, 70, 12, 13, 80, 51, 90));
  }

  @Test
  void valuesEqualAcrossABoundaryAreBeforeIt() {
    Holdout rolling = Holdout.rolling("A", 2, 0.25);
    assertEquals(
        List.of(split(of(0, 1, 2, 3), 4, 5, 6), split(of(0, 1, 2, 3, 4, 5, 6), 7)),
        splits(rolling, 1, 2, 3, 4, 5, 6, 6, 7));
    assertEquals(
        List.of(split(of(0, 1, 2, 3), 4, 5, 6, 7), split(of(0, 1, 2, 3, 4, 5, 6, 7))),
        splits(rolling, 1, 2, 3, 4, 6, 6, 6, 6));
  }

  @Test
  void foldsWithoutRowsAreLeftOut() {
    Holdout rolling = Holdout.rolling("A", 3, 0.3);
    assertEquals(List.of(split(of())), splits(rolling));
    assertEquals(List.of(split(of(0))), splits(rolling, 7));
    assertEquals(List.of(split(of(0), 1)), splits(rolling, 7, 8));
    assertEquals(List.of(split(of(0), 1), split(of(0, 1), 2)), splits(rolling, 7, 8, 9));
    assertEquals(List.of(split(of(0, 1, 2))), splits(rolling, 7, 7, 7));
  }

  @Test
  void otherHoldoutsHaveTheOneSplit() {
    RowBlock block = ordered(3, 1, 0, 1);
    for (String text : new String[] {"none", "fraction:0.5", "last:A:0.4", "where:A=1"}) {
      Holdout holdout = Holdout.parse(text);
      assertEquals(List.of(holdout.split(block)), holdout.splits(block), text);
    }
  }

  @Property(tries = 300)
  void everyFoldIsTrainedOnExactlyTheRowsBeforeItsWindow(
      @ForAll Random random,
      @ForAll @IntRange(max = 60) int n,
      @ForAll @IntRange(min = 1, max = 30) int distinct,
      @ForAll @IntRange(min = 1, max = 4) int folds) {
    RowBlock block = ordered(random.longs(n, 0, distinct).toArray());
    Holdout rolling = Holdout.rolling("A", folds, 0.2);
    List<Split> splits = rolling.splits(block);
    assertTrue(splits.size() <= folds);
    assertEquals(rolling.split(block), splits.get(splits.size() - 1));
    assertEquals(Holdout.last("A", 0.2).split(block), rolling.split(block));
    long end = Long.MAX_VALUE;
    for (int fold = splits.size() - 1; fold >= 0; fold--) {
      Split split = splits.get(fold);
      if (split.holdout().length == 0) {
        assertEquals(splits.size() - 1, fold);
        assertEquals(n, split.train().length);
        continue;
      }
      long first = values(block, split.holdout()).min().orElseThrow();
      long limit = end;
      assertArrayEquals(where(block, 0, first), split.train());
      assertArrayEquals(where(block, first, limit), split.holdout());
      assertTrue(split.train().length > 0);
      end = first;
    }
  }

  private static LongStream values(RowBlock block, int[] rows) {
    return Arrays.stream(rows).mapToLong(row -> block.orders()[row]);
  }

  private static int[] where(RowBlock block, long from, long below) {
    return IntStream.range(0, block.rows())
        .filter(row -> block.orders()[row] >= from && block.orders()[row] < below)
        .toArray();
  }

  @Test
  void windowsThatTakeAllRowsAreRefused() {
    assertEquals(
        "cannot hold out 10 windows of a fraction of 0.1: together they must be below 1, so that"
            + " there are rows to train on",
        assertThrows(IllegalArgumentException.class, () -> Holdout.rolling("A", 10, 0.1))
            .getMessage());
    assertEquals(
        "cannot roll over 0 windows: at least 1 is needed",
        assertThrows(IllegalArgumentException.class, () -> Holdout.rolling("A", 0, 0.1))
            .getMessage());
  }

  @Test
  void aSecondSplitByOrderTakesTheLastRows() {
    for (String text : new String[] {"last:A:0.2", "rolling:A:2:0.2"}) {
      assertEquals(
          split(of(1, 3, 4), 0, 2),
          Holdout.parse(text).splitAgain(ordered(9, 1, 8, 7, 7), 0.5),
          text);
    }
  }

  @Test
  void aSecondSplitByHashHasNothingToDoWithTheFirst() {
    long[] weak = IntStream.range(0, 20_000).asLongStream().toArray();
    long[] strong = new Random(3).longs(20_000).toArray();
    for (long[] hashes : new long[][] {weak, strong}) {
      RowBlock block = rows(hashes, new long[hashes.length]);
      Holdout holdout = Holdout.fraction(0.2);
      Split first = holdout.split(block);
      RowBlock rest = block.select(first.train());
      Split again = holdout.splitAgain(rest, 0.2);
      assertEquals(0.2, again.holdout().length / (double) rest.rows(), 1e-4);

      boolean[] held = new boolean[hashes.length];
      Arrays.stream(first.holdout()).forEach(row -> held[row] = true);
      int[] ofAll = holdout.splitAgain(block, 0.2).holdout();
      long both = Arrays.stream(ofAll).filter(row -> held[row]).count();
      // 800 expected, with a standard deviation of 23.
      assertEquals(800, (double) both, 115);
      assertEquals(again, Holdout.none().splitAgain(rest, 0.2));
      assertEquals(again, Holdout.parse("where:A=1").splitAgain(rest, 0.2));
    }
  }

  @Test
  void rowsCanBeSplitAgainAndAgain() {
    RowBlock rest = rows(new Random(4).longs(1000).toArray(), new long[1000]);
    for (int expected : new int[] {200, 160, 128, 103, 82}) {
      Split split = Holdout.none().splitAgain(rest, 0.2);
      assertEquals(expected, split.holdout().length);
      rest = rest.select(split.train());
    }
  }

  /** Pinned: the same rows must be held out in every run and every version. */
  @Test
  void theSideOfAHashInASecondSplitNeverChanges() {
    long[] hashes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Split split = Holdout.none().splitAgain(rows(hashes, new long[12]), 0.5);
    assertArrayEquals(new int[] {1, 3, 4, 5, 8, 9}, split.holdout());
  }

  @Test
  void equalRowsAreOnOneSide() {
    assertEquals(
        split(of(0, 1, 2, 3)), Holdout.none().splitAgain(rows(new long[4], new long[4]), 0.5));
    Split split = Holdout.none().splitAgain(rows(new long[] {5, 6, 5, 6}, new long[4]), 0.5);
    assertEquals(2, split.holdout().length);
    assertEquals(2, split.holdout()[1] - split.holdout()[0]);
  }

  @Test
  void aSecondFractionOutOfRangeIsRefused() {
    assertEquals(
        "cannot hold out a fraction of 1.0: it must be above 0 and below 1",
        assertThrows(IllegalArgumentException.class, () -> Holdout.none().splitAgain(ordered(1), 1))
            .getMessage());
  }
}
