package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.RowBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RowSampleTest {
  /** Rows with a number, a text and a class, of which several have one hash; few are weighted. */
  private static RowBlock rows(Random random, int n, int distinct) {
    RowBlock.Builder rows = RowBlock.builder(2);
    for (int i = 0; i < n; i++) {
      int kind = random.nextInt(distinct);
      double text = rows.code(1, "text " + kind % 7);
      double label = rows.classCode("class " + kind % 5);
      double weight = random.nextInt(20) == 0 ? 2.5 : 1;
      rows.append(new double[] {kind, text}, label, weight, kind / 2, random.nextInt(3));
    }
    return rows.build();
  }

  @Property(tries = 300)
  void theSameRowsAreKeptHoweverTheyAreSpreadAndMerged(
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 200) int n,
      @ForAll @IntRange(min = 1, max = 300) int distinct,
      @ForAll @IntRange(min = 1, max = 60) int limit,
      @ForAll long seed) {
    RowBlock all = rows(random, n, distinct);
    RowBlock expected = RowSample.of(limit, seed).add(all).rows();
    assertEquals(Math.min(n, limit), expected.rows());

    List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    Collections.shuffle(order, random);
    List<RowSample> samples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      samples.add(RowSample.of(limit, seed));
    }
    for (int from = 0; from < n; ) {
      int to = Math.min(n, from + 1 + random.nextInt(1 + random.nextInt(60)));
      int[] part = order.subList(from, to).stream().mapToInt(row -> row).toArray();
      samples.get(random.nextInt(samples.size())).add(rebuilt(all.select(part)));
      from = to;
    }
    while (samples.size() > 1) {
      RowSample merged = samples.remove(random.nextInt(samples.size()));
      samples.get(random.nextInt(samples.size())).merge(merged);
    }
    assertEquals(n, samples.get(0).seen());
    assertEquals(expected, samples.get(0).rows());
    assertEquals(expected, samples.get(0).rows());
  }

  /** The same rows with dictionaries in the order in which their texts occur. */
  private static RowBlock rebuilt(RowBlock block) {
    RowBlock.Builder rows = RowBlock.builder(2);
    for (int i = 0; i < block.rows(); i++) {
      double text = rows.code(1, block.dictionary(1).get((int) block.column(1)[i]));
      double[] features = {block.column(0)[i], text};
      double label = rows.classCode(block.classes().get((int) block.labels()[i]));
      double[] weights = block.weights();
      double weight = weights == null ? 1 : weights[i];
      rows.append(features, label, weight, block.hashes()[i], block.orders()[i]);
    }
    return rows.build();
  }

  @Test
  void upToTheLimitEveryRowIsKeptAndEqualOnesToo() {
    RowBlock rows = rows(new Random(1), 50, 3);
    assertEquals(rows.canonical(), RowSample.of(50, 7).add(rows).rows());
    RowSample cut = RowSample.of(49, 7);
    for (int i = 0; i < 50; i++) {
      cut.add(rows.select(new int[] {i}));
    }
    assertEquals(49, cut.rows().rows());
  }

  @Test
  void theChoiceIsEvenAndUnrelatedToAHoldout() {
    RowBlock.Builder builder = RowBlock.builder(1);
    for (int i = 0; i < 20_000; i++) {
      builder.append(new double[] {i}, i, i, 0);
    }
    RowBlock all = builder.build();
    for (long seed : new long[] {0, 1, -1, 0x9e3779b97f4a7c15L}) {
      RowBlock sample = RowSample.of(4000, seed).add(all).rows();
      assertEquals(9999.5, Arrays.stream(sample.labels()).average().orElseThrow(), 400);
      assertEquals(800, Holdout.fraction(0.2).split(sample).holdout().length, 125);
      RowBlock again = all.select(Holdout.none().splitAgain(all, 0.2).holdout());
      long both =
          IntStream.range(0, 4000)
              .filter(i -> Arrays.binarySearch(again.hashes(), sample.hashes()[i]) >= 0)
              .count();
      assertEquals(800, (double) both, 125);
    }
    assertNotEquals(RowSample.of(100, 1).add(all).rows(), RowSample.of(100, 2).add(all).rows());
  }

  private static RowBlock twelve(double weight, int... weighted) {
    RowBlock.Builder builder = RowBlock.builder(1);
    for (int i = 0; i < 12; i++) {
      int row = i;
      boolean chosen = Arrays.stream(weighted).anyMatch(number -> number == row);
      builder.append(new double[] {i}, i, chosen ? weight : 1, i, 0);
    }
    return builder.build();
  }

  /** Pinned: the same rows must be kept in every run and every version. */
  @Test
  void theSampleNeverChanges() {
    RowBlock kept = RowSample.of(3, 42).add(twelve(1)).rows();
    assertEquals("[4.0, 8.0, 10.0]", Arrays.toString(kept.labels()));
  }

  @Test
  void weightsOfRowsThatAreNotKeptLeaveNoTrace() {
    RowBlock unweighted = RowSample.of(3, 42).add(twelve(1)).rows();
    assertEquals(unweighted, RowSample.of(3, 42).add(twelve(2.5, 0, 7)).rows());
    RowBlock weighted = RowSample.of(3, 42).add(twelve(2.5, 0, 8)).rows();
    assertEquals("[1.0, 2.5, 1.0]", Arrays.toString(weighted.weights()));
  }

  @Test
  void mergingLeavesTheOtherSampleAsItWas() {
    RowSample other = RowSample.of(10, 3).add(rows(new Random(5), 30, 100));
    RowBlock before = other.rows();
    RowSample merged = RowSample.of(10, 3).merge(other).add(rows(new Random(6), 30, 100));
    assertEquals(60, merged.seen());
    assertEquals(before, other.rows());
    assertEquals(20, RowSample.of(10, 3).add(before).merge(RowSample.of(10, 3).add(before)).seen());
  }

  @Test
  void anEmptyBlockTellsTheFeatures() {
    RowBlock none = RowBlock.builder(3).build();
    assertEquals(none, RowSample.of(5, 0).add(none).add(none).rows());
    RowSample sample = RowSample.of(5, 0).merge(RowSample.of(5, 0));
    String message =
        String.valueOf(assertThrows(IllegalStateException.class, sample::rows).getMessage());
    assertTrue(message.startsWith("cannot tell the rows of a sample"), message);
  }

  @Test
  void limitsAndSamplesThatDoNotFitAreRefused() {
    assertEquals(
        "cannot sample at most 0 rows: at least 1 is needed",
        assertThrows(IllegalArgumentException.class, () -> RowSample.of(0, 1)).getMessage());
    assertEquals(
        "cannot merge a sample of at most 6 rows with seed 2 into one of 5 with seed 1: both must"
            + " be the same",
        assertThrows(
                IllegalArgumentException.class, () -> RowSample.of(5, 1).merge(RowSample.of(6, 2)))
            .getMessage());
  }
}
