package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The clock is a function of the size of the batch. */
final class BatchSizerTest {
  private static final long MICROS = 1000;

  private static List<Integer> sizes(Batching batching, int calls, IntToLongFunction nanos) {
    BatchSizer sizer = new BatchSizer(batching);
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      int size = sizer.size();
      sizes.add(size);
      sizer.measured(size, nanos.applyAsLong(size));
    }
    return sizes;
  }

  @Test
  void aFixedSizeStaysWhatEverCallsTake() {
    assertEquals(List.of(7, 7, 7), sizes(Batching.upTo(7).atLeast(2), 3, size -> 1L << 40));
  }

  @Test
  void theFixedCostIsTheShareAskedFor() {
    // 1 ms + 10 us each: 5 % of overhead at 1900
    List<Integer> sizes =
        sizes(
            Batching.upTo(100_000).adapting(0.05, Duration.ofSeconds(10)),
            100,
            size -> 1000 * MICROS + size * 10L * MICROS);
    assertEquals(1900, sizes.get(98));
    assertTrue(sizes.stream().allMatch(size -> size <= 3800), sizes.toString());
  }

  @Test
  void noCallIsMeantToTakeLongerThanAskedFor() {
    // 1 ms + 10 us each: 10 ms at 900
    List<Integer> sizes =
        sizes(
            Batching.upTo(100_000).adapting(0.05, Duration.ofMillis(10)),
            100,
            size -> 1000 * MICROS + size * 10L * MICROS);
    assertEquals(900, sizes.get(98));
  }

  @Test
  void sizesStayBetweenMinimumAndMaximum() {
    Batching batching = Batching.upTo(64).atLeast(16).adapting();
    assertEquals(64, sizes(batching, 50, size -> 1_000_000 * MICROS).get(49));
    assertEquals(16, sizes(batching, 50, size -> size * 1_000_000L * MICROS).get(49));
  }

  @Test
  void aChangeOfTheCostIsFollowed() {
    BatchSizer sizer =
        new BatchSizer(Batching.upTo(100_000).adapting(0.05, Duration.ofSeconds(10)));
    for (int i = 0; i < 100; i++) {
      sizer.measured(sizer.size(), 1000 * MICROS + sizer.size() * 10L * MICROS);
    }
    for (int i = 0; i < 299; i++) {
      sizer.measured(sizer.size(), 1000 * MICROS + sizer.size() * 20L * MICROS);
    }
    assertEquals(950, sizer.size(), 5);
  }
}
