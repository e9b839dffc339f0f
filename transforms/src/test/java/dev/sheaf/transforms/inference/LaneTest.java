package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.RowColumn;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model {@code k<i>} predicts i and twice the price; a missing price is 9.5. */
final class LaneTest {
  private static final Schema SCHEMA =
      Schema.builder().addStringField("STORE").addNullableField("PRICE", FieldType.DOUBLE).build();

  private static final int ROWS = 12;

  private final ModelCache cache = new ModelCache();
  private final ModelChoice choice =
      new ModelChoice(RowColumn.findKey(SCHEMA, "STORE", "keyedBy"), List.of());
  private final Intake intake =
      new Intake(
          ROWS,
          choice,
          Predictions.of(SCHEMA, PredictionKind.NUMBER, "batch"),
          new RowBytes(SCHEMA));

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private Generation generation;

  @SuppressWarnings("NullAway.Init") // set before each test
  private TemplateLane lane;

  @BeforeEach
  void open() {
    cache.join(1L << 30);
    ModelStore store = ModelStore.at(folder.toString());
    ScoredRows.publish(
        store,
        IntStream.range(0, ROWS)
            .mapToObj(i -> ScoredRows.model(ModelScope.key("k" + i), StoredModel.onnx("k" + i, i)))
            .toArray(CandidateModel[]::new));
    generation = new Generation(store.champion().resolve());
    IntStream.range(0, ROWS).forEach(i -> ScoredRows.load(cache, generation, "k" + i));
    LoadedModel loaded =
        Objects.requireNonNull(
            Objects.requireNonNull(ScoredRows.load(cache, generation, "k1").cached()).model());
    lane =
        TemplateLane.open(
            ((LoadedModel.Weighted) loaded).template(),
            new Inputs(loaded.features(), SCHEMA),
            intake,
            null);
  }

  @AfterEach
  void close() {
    lane.close();
    cache.leave();
  }

  private static Row row(int i, @Nullable Double price) {
    return Row.withSchema(SCHEMA).addValues("k" + i, price).build();
  }

  private void add(Row... rows) {
    for (Row row : rows) {
      intake.add(row, BoundedWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE);
    }
    intake.look();
    assertEquals(0, intake.choose(generation, 0));
  }

  /** Has the lane read the rows at these places. */
  private void expect(int... places) throws BadRowException {
    IntStream.of(places).forEach(lane::expect);
    int expected = lane.begin();
    assertEquals(places.length, expected);
    for (int i = 0; i < expected; i++) {
      lane.read(i);
    }
    assertEquals(places.length, lane.choose());
  }

  private void assertPredicts(int from, double... expected) {
    lane.predict(from, expected.length, lane.answers());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], lane.answers().values()[i], 1e-9, "row " + i + " from " + from);
    }
  }

  @Test
  void rowsThatWereReadAheadArePredictedWhereverOthersLieBetweenThem() throws BadRowException {
    intake.clear(lane);
    add(row(1, 10.0), row(2, 20.0), row(3, null), row(4, 40.0), row(5, 50.0), row(6, 60.0));
    expect(1, 2, 4, 5);
    assertPredicts(0, 42, 22, 105, 126);
    assertPredicts(0, 42, 22);
    assertPredicts(1, 22, 105);
    assertPredicts(2, 105, 126);
    assertPredicts(3, 126);
    assertEquals("k6", lane.model(3).modelKey());
    assertEquals(intake.rows().row(5), lane.rows().row(lane.heldAt(3)));
    assertEquals(4 * Double.BYTES, lane.byteSize(0, 4));
  }

  @Test
  void fewRowsAmongManyArePredictedOneAfterAnother() throws BadRowException {
    intake.clear(lane);
    add(row(1, 10.0), row(2, 20.0), row(3, 30.0), row(4, 40.0), row(5, 50.0), row(6, 60.0));
    expect(3, 5);
    assertPredicts(0, 84, 126);
    assertPredicts(1, 126);
    lane.clear();
    expect(0, 1, 2, 4);
    assertPredicts(0, 21, 42, 63, 105);
  }

  @Test
  void whatWasReadAheadIsNotTakenForRowsOfTheNextIntake() throws BadRowException {
    intake.clear(lane);
    add(row(1, 10.0), row(2, 20.0));
    expect(0, 1);
    assertPredicts(0, 21, 42);
    lane.clear();
    intake.clear(null);
    add(row(3, 30.0), row(4, 40.0));
    expect(0, 1);
    assertPredicts(0, 63, 84);
    lane.clear();
    intake.clear(lane);
    addHeld(row(6, 60.0), "k6");
    addHeld(row(5, 50.0), "k5");
    expect(0, 1);
    assertPredicts(0, 126, 105);
  }

  /** Adds a row that waited elsewhere for its model. */
  private void addHeld(Row row, String key) throws BadRowException {
    HeldRows held = new HeldRows();
    held.add(row, BoundedWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE);
    ChosenModel model = ScoredRows.load(cache, generation, key);
    CachedModel cached = Objects.requireNonNull(model.cached());
    try (CachedModel.Lease inUse = Objects.requireNonNull(cached.lease())) {
      intake.add(held, 0, model, inUse);
    }
  }

  @Test
  void aRowThatCannotBeReadIsLeftOut() throws BadRowException {
    intake.clear(lane);
    add(row(1, 10.0), row(2, Double.POSITIVE_INFINITY), row(3, 30.0));
    IntStream.range(0, 3).forEach(lane::expect);
    assertEquals(3, lane.begin());
    lane.read(0);
    BadRowException refusal = assertThrows(BadRowException.class, () -> lane.read(1));
    assertEquals("PRICE is infinite", refusal.getMessage());
    lane.read(2);
    assertEquals(2, lane.choose());
    assertPredicts(0, 21, 63);
  }

  @Test
  void aModelReadTwiceIsKeptAndPredictsTheSame() throws BadRowException {
    for (int round = 0; round < 5; round++) {
      intake.clear(lane);
      add(row(7, 1.0), row(8, 2.0), row(7, 3.0), row(7, null));
      expect(0, 1, 2, 3);
      assertPredicts(0, 9, 12, 13, 26);
      lane.clear();
    }
    assertTrue(lane.buffers().byteSize() > 0);
  }
}
