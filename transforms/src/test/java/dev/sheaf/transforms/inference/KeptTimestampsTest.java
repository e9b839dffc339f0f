package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are scored together stay where they belong. */
final class KeptTimestampsTest {
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("ID").addStringField("STORE").addDoubleField("PRICE").build();

  @TempDir private Path folder = Path.of("");

  private static TimestampedValue<Row> event(long id, String key, long second) {
    return TimestampedValue.of(
        Row.withSchema(EVENTS).addValues(id, key, 1.0).build(), Instant.ofEpochSecond(second));
  }

  @Test
  void everyRowKeepsItsTimestampAndWindow() {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    ScoredRows.publish(store, ScoredRows.model(ModelScope.key("a"), StoredModel.onnx("a", 100)));
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Row> events =
        pipeline
            .apply(
                Create.timestamped(
                    List.of(
                        event(1, "a", 61), event(2, "a", 5), event(3, "x", 7), event(4, "a", 59))))
            .setRowSchema(EVENTS);
    PCollection<String> places =
        events
            .apply(Window.into(FixedWindows.of(Duration.standardMinutes(1))))
            .apply(RunInference.with(store.champion()).keyedBy("STORE"))
            .apply(ParDo.of(new Place()));
    PAssert.that(places)
        .containsInAnyOrder(
            "1 at 61 in the minute from 60",
            "2 at 5 in the minute from 0",
            "3 at 7 in the minute from 0",
            "4 at 59 in the minute from 0");
    pipeline.run().waitUntilFinish();
  }

  /** Runners catch what overflows, at the price of an exception for each row. */
  @Test
  void everyTimestampIsAllowedFromEveryOtherWithoutOverflow() {
    Instant first = BoundedWindow.TIMESTAMP_MIN_VALUE;
    Instant last = BoundedWindow.TIMESTAMP_MAX_VALUE;
    assertEquals(first, last.minus(Outlet.ANY_SKEW));
    assertTrue(first.minus(Outlet.ANY_SKEW).isBefore(first));
  }

  private static final class Place extends DoFn<Row, String> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(
        @Element Row row,
        @Timestamp Instant timestamp,
        BoundedWindow window,
        OutputReceiver<String> out) {
      out.output(
          "%d at %d in the minute from %d"
              .formatted(
                  row.getInt64("ID"),
                  timestamp.getMillis() / 1000,
                  (window.maxTimestamp().getMillis() + 1) / 1000 - 60));
    }
  }
}
