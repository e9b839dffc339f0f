package dev.sheaf.transforms.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;

final class NameEventsTest {
  private static final Schema NUMBERS =
      Schema.builder().addNullableField("ID", FieldType.DECIMAL).addInt32Field("X").build();
  private final TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);

  private static Row row(String id, int x) {
    return Row.withSchema(NUMBERS).addValues(id.isEmpty() ? null : new BigDecimal(id), x).build();
  }

  private PCollection<Row> rows(Row... rows) {
    return pipeline.apply(Create.of(List.of(rows)).withRowSchema(NUMBERS));
  }

  @Test
  void equalValuesOfAnyTypeGiveOneText() {
    PCollection<Row> named = rows(row("7.00", 1), row("12", 2)).apply(NameEvents.by("id"));
    assertEquals(List.of("ID", "X", "EVENT_ID"), named.getSchema().getFieldNames());
    PAssert.that(
            named.apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(row -> row.getString("EVENT_ID") + " " + row.getInt32("X"))))
        .containsInAnyOrder("7 1", "12 2");
    pipeline.run();
  }

  @Test
  void aColumnOfThatNameBecomesTheTextInItsPlace() {
    Schema schema = Schema.builder().addInt64Field("Event_Id").addInt32Field("X").build();
    PCollection<Row> named =
        pipeline
            .apply(Create.of(Row.withSchema(schema).addValues(9L, 1).build()).withRowSchema(schema))
            .apply(NameEvents.by("EVENT_ID"));
    Schema expected = Schema.builder().addStringField("EVENT_ID").addInt32Field("X").build();
    PAssert.that(named).containsInAnyOrder(Row.withSchema(expected).addValues("9", 1).build());
    pipeline.run();
  }

  @Test
  void anEventWithoutANameIsABadRecord() {
    BadRecordErrorHandler<PCollection<String>> handler =
        pipeline.registerBadRecordErrorHandler(new Reasons());
    PCollection<Row> named =
        rows(row("", 1), row("3", 2)).apply(NameEvents.by("ID").withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(
            named.apply(
                MapElements.into(TypeDescriptors.strings()).via(row -> row.getString("EVENT_ID"))))
        .containsInAnyOrder("3");
    PAssert.that(handler.getOutput())
        .containsInAnyOrder("NameEvents: ID is NULL, and it names the event");
    pipeline.run();
  }

  @Test
  void withoutAHandlerItFailsThePipeline() {
    rows(row("", 1)).apply(NameEvents.by("ID"));
    Pipeline.PipelineExecutionException failed =
        assertThrows(Pipeline.PipelineExecutionException.class, pipeline::run);
    assertTrue(
        String.valueOf(failed.getMessage()).contains("ID is NULL, and it names the event"),
        failed.getMessage());
  }

  @Test
  void twoNamesForAnEventAreRefused() {
    Schema schema = Schema.builder().addInt64Field("ID").addStringField("EVENT_ID").build();
    PCollection<Row> rows =
        TestPipeline.create()
            .apply(
                Create.of(Row.withSchema(schema).addValues(9L, "a").build()).withRowSchema(schema));
    assertEquals(
        "eventId: the column \"EVENT_ID\" is there already, found \"ID\" for the event's name;"
            + " rename or leave out one of them",
        assertThrows(IllegalArgumentException.class, () -> rows.apply(NameEvents.by("ID")))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> NameEvents.by(" "));
  }

  private static final class Reasons
      extends PTransform<PCollection<BadRecord>, PCollection<String>> {
    private static final long serialVersionUID = 1L;

    @Override
    public PCollection<String> expand(PCollection<BadRecord> records) {
      return records
          .apply(
              MapElements.into(TypeDescriptors.strings())
                  .via(
                      record ->
                          record.getFailure().getDescription()
                              + ": "
                              + record.getFailure().getException()))
          .setCoder(StringUtf8Coder.of());
    }
  }
}
