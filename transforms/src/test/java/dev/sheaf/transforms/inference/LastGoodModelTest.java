package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.rows.RowColumn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new version whose model cannot be used does not take the place of a good one. */
final class LastGoodModelTest {
  private static final Schema SCHEMA =
      Schema.builder().addStringField("STORE").addDoubleField("PRICE").build();

  @TempDir private Path folder = Path.of("");
  private final MutableClock clock = new MutableClock();
  private final List<String> versions = new ArrayList<>();
  private final List<BadRecord> refused = new ArrayList<>();

  private final Outlet<Row> outlet =
      new Outlet<>() {
        @Override
        public void result(Row row, Instant timestamp, BoundedWindow window) {
          versions.add(String.valueOf(row.getString("MODEL_VERSION")));
        }

        @Override
        public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
          refused.add(record);
        }
      };

  private static VersionId day(int day) {
    return VersionId.at(java.time.Instant.parse("2026-01-0" + day + "T00:00:00Z"));
  }

  private static void publish(ModelStore store, VersionId version, byte[] onnx) {
    VersionWriter writer = store.write(version);
    writer.commit(
        List.of(writer.writeShard(0, 1, List.of(CandidateModel.of("a", onnx, 20, Map.of())))),
        List.of(),
        Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(version));
  }

  private void score(RowSorter sorter) throws Exception {
    sorter.begin();
    sorter.add(
        Row.withSchema(SCHEMA).addValues("a", 1.0).build(), Instant.EPOCH, GlobalWindow.INSTANCE);
    sorter.finish(outlet);
    clock.advance(Duration.ofSeconds(61));
  }

  private ScorePlan plan(ModelStore store) {
    return new ScorePlan(
        ScoreSettings.of(store.champion()).refreshedEvery(Duration.ofMinutes(1)).withClock(clock),
        SCHEMA,
        new ModelChoice(RowColumn.findKey(SCHEMA, "STORE", "keyedBy"), List.of()),
        Predictions.of(SCHEMA, PredictionKind.NUMBER, "batch"),
        BadRows.of(SCHEMA, "test", null));
  }

  @Test
  void theOldModelOfAKeyServesUntilAVersionHasAGoodOne() throws Exception {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    publish(store, day(1), StoredModel.onnx("a", 31));
    RowSorter sorter = new RowSorter(plan(store), new InferenceMetrics());
    try {
      score(sorter);
      publish(store, day(2), new byte[] {9, 9, 9, 9});
      score(sorter);
      score(sorter);
      publish(store, day(3), new byte[] {8, 8, 8, 8});
      score(sorter);
      publish(store, day(4), StoredModel.onnx("a", 34));
      score(sorter);
    } finally {
      sorter.close();
    }
    String first = day(1).toString();
    assertEquals(List.of(first, first, first, first, day(4).toString()), versions);
    assertEquals(List.of(), refused);
  }

  @Test
  void theLastOfManyGoodModelsServesWhenTheNextIsBroken() throws Exception {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    publish(store, day(1), StoredModel.onnx("a", 31));
    RowSorter sorter = new RowSorter(plan(store), new InferenceMetrics());
    try {
      score(sorter);
      for (int day = 2; day <= 4; day++) {
        publish(store, day(day), StoredModel.onnx("a", 31 + day));
        score(sorter);
      }
      publish(store, day(5), new byte[] {9, 9, 9, 9});
      score(sorter);
    } finally {
      sorter.close();
    }
    assertEquals(Stream.of(1, 2, 3, 4, 4).map(day -> day(day).toString()).toList(), versions);
    assertEquals(List.of(), refused);
  }

  @Test
  void callsOfOneRowDoNotWaitForTheBundlesEnd() throws Exception {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    VersionWriter writer = store.write(day(1));
    List<CandidateModel> models =
        Stream.of("a", "b")
            .map(key -> CandidateModel.of(key, StoredModel.onnx(key, 31), 20, Map.of()))
            .toList();
    writer.commit(List.of(writer.writeShard(0, 1, models)), List.of(), Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(day(1)));
    ScorePlan plan =
        new ScorePlan(
            ScoreSettings.of(store.champion()).withMaximumBatchSize(1).withClock(clock),
            SCHEMA,
            new ModelChoice(RowColumn.findKey(SCHEMA, "STORE", "keyedBy"), List.of()),
            Predictions.of(SCHEMA, PredictionKind.NUMBER, "stream"),
            BadRows.of(SCHEMA, "test", null));
    RowSorter sorter = new RowSorter(plan, new InferenceMetrics());
    try {
      sorter.begin();
      int scored = 0;
      for (String key : List.of("a", "b", "a", "unknown", "b", "b")) {
        Row row = Row.withSchema(SCHEMA).addValues(key, 1.0).build();
        assertTrue(sorter.add(row, Instant.EPOCH, GlobalWindow.INSTANCE), key);
        sorter.sort(outlet);
        scored++;
        assertEquals(scored, versions.size(), key);
      }
    } finally {
      sorter.close();
    }
  }

  @Test
  void whatIsFoundOutOnOneDeviceIsNotSaidOfAnother() {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    publish(store, day(1), StoredModel.onnx("a", 35));
    CurrentModels here = CurrentModels.join(store.champion(), ExecutionProvider.cpu());
    CurrentModels there = CurrentModels.join(store.champion(), ExecutionProvider.cuda());
    try {
      assertNotSame(here, there);
    } finally {
      here.leave();
      there.leave();
    }
  }
}
