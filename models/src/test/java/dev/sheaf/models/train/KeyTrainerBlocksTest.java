package dev.sheaf.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.linear.Linear;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeyTrainerBlocksTest {
  private static final int BLOCKS = 200;
  private static final int ROWS_IN_A_BLOCK = 50;

  private static final KeyTrainer TRAINER =
      KeyTrainer.of(
          Linear.regression(),
          Holdout.none(),
          new TableSchema(List.of(new Feature("X", FeatureType.FLOAT)), "Y"));

  private static RowBlock block(int number) {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < ROWS_IN_A_BLOCK; i++) {
      double x = number * ROWS_IN_A_BLOCK + i;
      rows.append(new double[] {x}, 3 * x, (long) x, 0);
    }
    return rows.build();
  }

  private static KeyReport train(KeyTrainer trainer, IntFunction<RowBlock> blocks) {
    Iterable<RowBlock> all = () -> IntStream.range(0, BLOCKS).mapToObj(blocks).iterator();
    return trainer.train("k", all).report();
  }

  @Test
  void aKeyInManyBlocksIsTrainedOnAllOfThem() {
    KeyReport report =
        train(
            TRAINER.withRowLimit(RowLimit.refuseAbove(BLOCKS * ROWS_IN_A_BLOCK)),
            KeyTrainerBlocksTest::block);
    assertEquals(TrainingStatus.TRAINED, report.status());
    assertEquals(BLOCKS * ROWS_IN_A_BLOCK, report.trainRows());
  }

  @Test
  void aKeyBeyondItsMostRowsIsCountedButNotHeld() {
    List<WeakReference<RowBlock>> made = new ArrayList<>();
    List<Long> heldAtTheEnd = new ArrayList<>();
    KeyReport report =
        train(
            TRAINER.withRowLimit(RowLimit.refuseAbove(10 * ROWS_IN_A_BLOCK)),
            number -> {
              RowBlock block = block(number);
              made.add(new WeakReference<>(block));
              if (number == BLOCKS - 1) {
                System.gc();
                heldAtTheEnd.add(made.stream().filter(seen -> !seen.refersTo(null)).count());
              }
              return block;
            });
    assertEquals(TrainingStatus.TOO_LARGE, report.status());
    assertEquals("10000 rows, more than the 500 allowed", report.reason());
    assertEquals(BLOCKS * ROWS_IN_A_BLOCK, report.rows());
    assertTrue(heldAtTheEnd.get(0) <= 2, "blocks still held: " + heldAtTheEnd);
  }

  @Test
  void aLackOfMemoryWhileTheRowsAreReadEndsInTheReport() {
    KeyReport report =
        train(
            TRAINER,
            number -> {
              if (number == 3) {
                throw new OutOfMemoryError("heap");
              }
              return block(number);
            });
    assertEquals(TrainingStatus.FAILED, report.status());
    assertEquals(
        "not enough memory after 150 rows: java.lang.OutOfMemoryError: heap", report.reason());
  }

  @Test
  void aRunnerThatCannotReadTheRowsIsNoFaultOfTheKey() {
    IntFunction<RowBlock> broken =
        number -> {
          throw new IllegalStateException("the shuffle is gone");
        };
    assertThrows(IllegalStateException.class, () -> train(TRAINER, broken));
  }
}
