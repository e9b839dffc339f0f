package dev.sheaf.models.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RowBlockTest {
  private record Row(List<Double> features, double label, long hash, long order) {
    double[] values() {
      return features.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /** Values of every width, the edges between widths, and those that are no whole numbers. */
  private static Arbitrary<Double> doubles() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(-200, 200).map(Integer::doubleValue),
        Arbitraries.integers().map(Integer::doubleValue),
        Arbitraries.doubles(),
        Arbitraries.of(
            0.0,
            -0.0,
            Double.NaN,
            127.0,
            128.0,
            -127.0,
            -128.0,
            32767.0,
            -32768.0,
            2147483647.0,
            -2147483648.0,
            2147483648.0,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            0.1));
  }

  @Provide
  Arbitrary<RowBlock> blocks() {
    return Arbitraries.integers().between(1, 4).flatMap(RowBlockTest::blocks);
  }

  private static Arbitrary<RowBlock> blocks(int features) {
    Arbitrary<Row> row =
        Combinators.combine(
                doubles().list().ofSize(features),
                doubles(),
                Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(0, 3)),
                Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(0, 1)))
            .as(Row::new);
    return row.list()
        .ofMaxSize(40)
        .map(
            rows -> {
              RowBlock.Builder builder = RowBlock.builder(features);
              rows.forEach(r -> builder.append(r.values(), r.label(), r.hash(), r.order()));
              return builder.build();
            });
  }

  private static byte[] write(RowBlock block) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    block.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static RowBlock read(byte[] bytes) throws IOException {
    return RowBlock.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  @Property(tries = 500)
  void writtenRowsComeBackBitForBit(@ForAll("blocks") RowBlock block) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(write(block));
    assertEquals(block, RowBlock.readFrom(new DataInputStream(in)));
    assertEquals(0, in.available());
  }

  @Property(tries = 200)
  void bytesThatEndEarlyAreRefused(@ForAll("blocks") RowBlock block, @ForAll Random random)
      throws IOException {
    byte[] bytes = write(block);
    byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
    assertThrows(EOFException.class, () -> read(cut));
  }

  @Property(tries = 300)
  void theCanonicalOrderDoesNotDependOnTheBlocks(
      @ForAll("blocks") RowBlock block, @ForAll Random random) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < block.rows(); i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, random);
    int[] shuffled = numbers.stream().mapToInt(Integer::intValue).toArray();
    int cut = random.nextInt(block.rows() + 1);
    RowBlock joined =
        RowBlock.concat(
            List.of(
                block.select(Arrays.copyOf(shuffled, cut)),
                block.select(Arrays.copyOfRange(shuffled, cut, shuffled.length))));
    RowBlock canonical = block.canonical();
    assertEquals(canonical, joined.canonical());
    assertEquals(canonical, canonical.canonical());
    for (int i = 1; i < canonical.rows(); i++) {
      assertTrue(canonical.hashes()[i - 1] <= canonical.hashes()[i]);
    }
  }

  @Test
  void manyRowsOfSmallNumbersTakeFewBytes() throws IOException {
    RowBlock.Builder rows = RowBlock.builder(3);
    for (int i = 0; i < 10_000; i++) {
      rows.append(new double[] {i % 7, i % 3 == 0 ? Double.NaN : 1, 1234.5}, i, (7L * i) << 40, 0);
    }
    RowBlock block = rows.build();
    byte[] bytes = write(block);
    assertEquals(block, read(bytes));
    // Two columns of one byte, labels of two, hashes of eight; the rest is written once.
    assertEquals(10_000 * (1 + 1 + 2 + 8) + 10 + 6 + 8 + 1 + 4 * 4 + 1, bytes.length);
    assertTrue(block.byteSize() >= 6 * 8 * 10_000);
  }

  @Test
  void concatenatesInOrder() {
    RowBlock one = RowBlock.builder(1).append(new double[] {1}, 10, 100, 1000).build();
    RowBlock two = RowBlock.builder(1).append(new double[] {2}, 20, 200, 2000).build();
    RowBlock both = RowBlock.concat(List.of(one, two));
    assertArrayEquals(new double[] {1, 2}, both.column(0));
    assertArrayEquals(new double[] {10, 20}, both.labels());
    assertArrayEquals(new long[] {100, 200}, both.hashes());
    assertArrayEquals(new long[] {1000, 2000}, both.orders());
  }

  @Test
  void wrongUseIsRefused() {
    assertEquals(
        "cannot add a row of 1 features to rows of 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> RowBlock.builder(2).append(new double[1], 0, 0, 0))
            .getMessage());
    assertEquals(
        "cannot join a block of 2 features to one of 1",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    RowBlock.concat(
                        List.of(RowBlock.builder(1).build(), RowBlock.builder(2).build())))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> RowBlock.builder(0));
    assertThrows(IllegalArgumentException.class, () -> RowBlock.concat(List.of()));
  }

  @Test
  void otherBytesAreRefused() {
    assertEquals(
        "cannot read rows: they must start with b102, but start with 4f62",
        assertThrows(IOException.class, () -> read(new byte[] {0x4f, 0x62, 0, 0, 0, 1}))
            .getMessage());
    byte[] negative = {(byte) 0xb1, 2, 0, 0, 0, 1, -1, -1, -1, -1};
    assertEquals(
        "cannot read -1 rows of 1 features",
        assertThrows(IOException.class, () -> read(negative)).getMessage());
  }
}
