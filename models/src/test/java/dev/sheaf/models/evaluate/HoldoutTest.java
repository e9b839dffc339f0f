package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HoldoutTest {
  private static RowBlock rows(long[] hashes, long[] orders) {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < hashes.length; i++) {
      rows.append(new double[] {i}, i, hashes[i], orders[i]);
    }
    return rows.build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "none|none",
        " fraction:0.2 |fraction:0.2",
        "last:DATE:0.25|last:DATE:0.25",
        "last: \"a:b\"\"c\" : 1e-3|last:\"a:b\"\"c\":0.001",
        "rolling:DATE:3:0.1|rolling:DATE:3:0.1",
        "rolling: \"a:b\" : 2 : 25e-2|rolling:\"a:b\":2:0.25",
        "where:ORDER_YEAR>=2017|where:ORDER_YEAR>=2017",
        "where: ORDER YEAR <> 2017|where:ORDER YEAR!=2017",
        "where:Date>=2015-06-01|where:Date>=2015-06-01",
        "where:\"x>y\" = 'it''s'|where:\"x>y\"='it''s'",
        "where:A=''|where:A=''",
        "where:A='a b'|where:A='a b'",
        "where:A<-1.5|where:A<-1.5",
      })
  void readsAndWritesEachForm(String text, String canonical) {
    Holdout holdout = Holdout.parse(text);
    assertEquals(canonical, holdout.toString());
    assertEquals(holdout, Holdout.parse(holdout.toString()));
  }

  @Property(tries = 300)
  void theTextOfAnyHoldoutIsReadBack(
      @ForAll @NotEmpty String column,
      @ForAll String value,
      @ForAll Comparison comparison,
      @ForAll @IntRange(min = 1, max = 999) int fraction) {
    for (Holdout holdout :
        new Holdout[] {
          Holdout.where(column, comparison, value),
          Holdout.last(column, fraction / 1000.0),
          Holdout.rolling(column, 999 / fraction, fraction / 1000.0),
          Holdout.fraction(fraction / 1000.0)
        }) {
      assertEquals(holdout, Holdout.parse(holdout.toString()), holdout::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "half",
        "fraction:",
        "fraction:1",
        "fraction:0",
        "fraction:NaN",
        "last:0.2",
        "last::0.2",
        "last:\"A:0.2",
        "last:\"A\"B:0.2",
        "rolling:A:0.2",
        "rolling:0.2",
        "rolling:A:x:0.2",
        "rolling:A:1.5:0.2",
        "rolling:A:0:0.2",
        "rolling:A:5:0.2",
        "rolling:A:2:0",
        "rolling::2:0.2",
        "rolling:\"A:2\":0.2",
        "rolling:\"A\"B:2:0.2",
        "where:A",
        "where:>=2",
        "where:A>=",
        "where:A='x",
        "where:A='x'y",
        "where:A=>3"
      })
  void anythingElseIsRefusedWithTheForms(String text) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Holdout.parse(text)).getMessage());
    assertTrue(message.startsWith("cannot read holdout '" + text + "': "), message);
    assertTrue(
        message.endsWith(
            "valid forms are none, fraction:0.2, last:COLUMN:0.2, rolling:COLUMN:3:0.1,"
                + " where:COLUMN>=VALUE (with = != <> < <= > >=)"),
        message);
  }

  @Test
  void aFractionIsHeldOutByHash() {
    Random random = new Random(1);
    long[] hashes = random.longs(10_000).toArray();
    Split split = Holdout.fraction(0.2).split(rows(hashes, new long[hashes.length]));
    assertEquals(2000, split.holdout().length, 150);
    assertEquals(10_000, split.train().length + split.holdout().length);
  }

  @Test
  void weakHashesAreMixed() {
    long[] hashes = IntStream.range(0, 10_000).asLongStream().toArray();
    Split split = Holdout.fraction(0.3).split(rows(hashes, new long[hashes.length]));
    assertEquals(3000, split.holdout().length, 200);
  }

  /** Pinned: the same rows must be held out in every run and every version. */
  @Test
  void theSideOfAHashNeverChanges() {
    long[] hashes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Split split = Holdout.fraction(0.5).split(rows(hashes, new long[hashes.length]));
    assertArrayEquals(new int[] {0, 2, 6, 9, 10, 11}, split.holdout());
  }

  @Property(tries = 200)
  void aRowIsOnTheSameSideInAnyOrder(@ForAll Random random, @ForAll @IntRange(max = 60) int n) {
    long[] hashes = random.longs(n).toArray();
    long[] orders = random.longs(n, 0, 8).toArray();
    RowBlock block = rows(hashes, orders);
    int[] shuffled = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = swap;
    }
    for (String text :
        new String[] {"fraction:0.4", "last:A:0.3", "rolling:A:3:0.2", "where:A=1", "none"}) {
      Holdout holdout = Holdout.parse(text);
      double[] first = held(holdout, block);
      double[] second = held(holdout, block.select(shuffled));
      assertArrayEquals(first, second, text);
    }
  }

  private static double[] held(Holdout holdout, RowBlock rows) {
    double[] labels = rows.select(holdout.split(rows).holdout()).labels();
    Arrays.sort(labels);
    return labels;
  }

  @Test
  void theLastRowsAreHeldOutRoundedUp() {
    Holdout last = Holdout.last("A", 0.2);
    assertArrayEquals(new int[] {1}, split(last, 3, 9, 5).holdout());
    assertArrayEquals(new int[] {0, 3}, split(last, 10, 1, 2, 9, 3, 4).holdout());
    assertArrayEquals(new int[] {0, 9}, split(last, 20, 2, 3, 4, 5, 6, 7, 8, 9, 10).holdout());
  }

  @Test
  void equalValuesAtTheBoundaryAreTrainedOn() {
    Holdout last = Holdout.last("A", 0.5);
    assertArrayEquals(new int[] {3}, split(last, 1, 2, 2, 3).holdout());
    assertArrayEquals(new int[] {2, 3}, split(last, 1, 2, 3, 3).holdout());
    assertArrayEquals(new int[0], split(last, 7, 7, 7, 7).holdout());
    assertArrayEquals(new int[0], split(last, 7).holdout());
    assertArrayEquals(new int[0], split(last).holdout());
  }

  @Test
  void rowsMarkedByTheConditionAreHeldOut() {
    assertArrayEquals(new int[] {1, 2}, split(Holdout.parse("where:A>1"), 0, 1, 1, 0).holdout());
    assertArrayEquals(new int[] {0, 3}, split(Holdout.parse("where:A>1"), 0, 1, 1, 0).train());
  }

  private static Split split(Holdout holdout, long... orders) {
    return holdout.split(rows(new long[orders.length], orders));
  }

  @Test
  void columnsAreNamedWhereOneIsNeeded() {
    assertEquals("A b", Holdout.parse("last:A b:0.2").column().orElse(""));
    assertEquals("A", Holdout.parse("rolling:A:2:0.2").column().orElse(""));
    assertEquals("A", Holdout.parse("where:A=1").column().orElse(""));
    assertTrue(Holdout.parse("fraction:0.2").column().isEmpty());
    assertTrue(Holdout.parse("none").column().isEmpty());
  }
}
