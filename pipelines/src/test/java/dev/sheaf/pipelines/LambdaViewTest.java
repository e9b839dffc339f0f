package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.junit.jupiter.api.Test;

/** The view's SQL, and what it is refused for. */
final class LambdaViewTest {
  private static final Schema BATCH =
      Schema.builder()
          .addStringField("EVENT_ID")
          .addInt64Field("QUANTITY")
          .addNullableField("PREDICTION", FieldType.DOUBLE)
          .addStringField("MODEL_VERSION")
          .addField("SCORED_AT", FieldType.logicalType(SqlTypes.DATETIME))
          .build();
  private static final Schema STREAM =
      Schema.builder()
          .addFields(BATCH.getFields())
          .addField("PAY\"LOAD", FieldType.STRING)
          .addField(
              Schema.Field.of("EXTRA", FieldType.STRING)
                  .withOptions(
                      Schema.Options.setOption(
                          "sheaf:snowflake:type", FieldType.STRING, "VARIANT")))
          .build();

  private static LambdaView view(Schema batch, Schema stream) {
    return LambdaView.over("PREDICTIONS", batch, "LIVE.\"Stream 1\"", stream, "EVENT_ID");
  }

  @Test
  void isOneStatementForSnowflake() {
    LambdaView view = view(BATCH, STREAM);
    assertEquals(
        List.of(
            "EVENT_ID",
            "QUANTITY",
            "PREDICTION",
            "MODEL_VERSION",
            "SCORED_AT",
            "PAY\"LOAD",
            "EXTRA"),
        view.columns());
    assertEquals(
        """
        CREATE OR REPLACE VIEW CURRENT_ONES AS
        SELECT "EVENT_ID", "QUANTITY", "PREDICTION", "MODEL_VERSION", "SCORED_AT", "PAY""LOAD", "EXTRA"
        FROM (
          SELECT "EVENT_ID", "QUANTITY", "PREDICTION", "MODEL_VERSION", "SCORED_AT", NULL AS "PAY""LOAD", NULL AS "EXTRA", 1 AS "SHEAF_LAYER_ORDER"
          FROM PREDICTIONS
          WHERE "EVENT_ID" IS NOT NULL
          QUALIFY ROW_NUMBER() OVER (
            PARTITION BY "EVENT_ID"
            ORDER BY "SCORED_AT" DESC NULLS LAST, "MODEL_VERSION" DESC NULLS LAST, "PREDICTION" DESC NULLS LAST, "QUANTITY" DESC NULLS LAST) = 1
          UNION ALL
          SELECT "EVENT_ID", "QUANTITY", "PREDICTION", "MODEL_VERSION", "SCORED_AT", "PAY""LOAD", "EXTRA", 2 AS "SHEAF_LAYER_ORDER"
          FROM LIVE."Stream 1"
          WHERE "EVENT_ID" IS NOT NULL
          QUALIFY ROW_NUMBER() OVER (
            PARTITION BY "EVENT_ID"
            ORDER BY "SCORED_AT" DESC NULLS LAST, "MODEL_VERSION" DESC NULLS LAST, "PREDICTION" DESC NULLS LAST, "QUANTITY" DESC NULLS LAST, "PAY""LOAD" DESC NULLS LAST) = 1
        )
        QUALIFY ROW_NUMBER() OVER (
          PARTITION BY "EVENT_ID"
          ORDER BY CASE WHEN "PREDICTION" IS NULL THEN 1 ELSE 0 END, "SHEAF_LAYER_ORDER") = 1""",
        view.createStatement("CURRENT_ONES"));
  }

  private static String refusal(String batch, Schema schema, String stream, String eventId) {
    return String.valueOf(
        assertThrows(
                OptionException.class, () -> LambdaView.over(batch, schema, stream, BATCH, eventId))
            .getMessage());
  }

  @Test
  void refusesWhatCannotBeOneView() {
    assertEquals(
        "--batchTable: found \"A; DROP TABLE B\"; valid is a name such as PREDICTIONS,"
            + " PUBLIC.PREDICTIONS or DB.PUBLIC.\"My table\"",
        refusal("A; DROP TABLE B", BATCH, "B", "EVENT_ID"));
    assertEquals(
        "--streamTable: each layer needs a table of its own, found a for both",
        refusal("A", BATCH, "a", "EVENT_ID"));
    assertEquals(
        "--batchTable: A has no column \"ID\", which the view needs; the columns are EVENT_ID,"
            + " QUANTITY, PREDICTION, MODEL_VERSION, SCORED_AT",
        refusal("A", BATCH, "B", "ID"));
    Schema number =
        Schema.builder()
            .addInt64Field("EVENT_ID")
            .addNullableField("PREDICTION", FieldType.DOUBLE)
            .addStringField("MODEL_VERSION")
            .addField("SCORED_AT", FieldType.logicalType(SqlTypes.DATETIME))
            .build();
    assertEquals(
        "--streamTable: \"EVENT_ID\" is of kind NUMBER in A and of kind TEXT in B; a view's column"
            + " needs one kind",
        refusal("A", number, "B", "EVENT_ID"));
    OptionException name =
        assertThrows(OptionException.class, () -> view(BATCH, STREAM).createStatement("a.b.c.d"));
    assertEquals(
        "--view: found \"a.b.c.d\"; valid is a name such as PREDICTIONS, PUBLIC.PREDICTIONS or"
            + " DB.PUBLIC.\"My table\"",
        name.getMessage());
  }
}
