package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stream's options; the stream itself runs in runners/flink. */
final class ScoreStreamTest {
  private static ScoreStreamOptions options(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--bootstrapServers=127.0.0.1:1",
                "--sourceTopic=sales",
                "--columns=ID:text!,STORE:integer,PRICE:number",
                "--key=STORE",
                "--modelStore=/nowhere"));
    args.addAll(List.of(more));
    return PipelineOptionsFactory.fromArgs(args.toArray(String[]::new))
        .withValidation()
        .as(ScoreStreamOptions.class);
  }

  @Test
  void columnsAreASchema() {
    assertEquals(
        Schema.builder()
            .addStringField("ID")
            .addNullableField("STORE", FieldType.INT64)
            .addNullableField("PRICE", FieldType.DOUBLE)
            .addNullableField("PROMO", FieldType.BOOLEAN)
            .addField("DAY", FieldType.logicalType(SqlTypes.DATE))
            .addNullableField("A:B", FieldType.logicalType(SqlTypes.TIMESTAMP))
            .build(),
        EventColumns.parse(
            List.of(
                "ID:text!",
                " STORE:integer",
                "PRICE:Number",
                "PROMO:boolean",
                "DAY:date!",
                "A:B:timestamp")));
  }

  @ParameterizedTest
  @CsvSource({
    "ID, found 'ID'",
    "ID:varchar, found 'ID:varchar'",
    ":text, found ':text'",
    "ID:, found 'ID:'",
  })
  void aColumnThatIsNoneIsNamed(String column, String message) {
    OptionException refusal =
        assertThrows(OptionException.class, () -> EventColumns.parse(List.of("A:text", column)));
    assertTrue(String.valueOf(refusal.getMessage()).startsWith("--columns: NAME:TYPE is needed"));
    assertTrue(String.valueOf(refusal.getMessage()).endsWith(message), refusal::toString);
  }

  @Test
  void aColumnTwiceIsRefused() {
    assertThrows(OptionException.class, () -> EventColumns.parse(List.of("A:text", "A:integer")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|give --targetTopic, --targetTable or both",
        "--targetTopic=t --kafkaSettings=acks|--kafkaSettings: name=value is needed, found 'acks'",
        "--targetTopic=t --columns=ID|--columns: NAME:TYPE is needed",
      })
  void whatIsWrongIsNamed(String more, String message) {
    String[] args =
        more == null ? new String[0] : Stream.of(more.split(" ", -1)).toArray(String[]::new);
    ScoreStreamOptions options = options(args);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> ScoreStream.pipeline(options));
    assertTrue(String.valueOf(refusal.getMessage()).startsWith(message), refusal::toString);
  }

  @Test
  void theWarehousesOptionsAreKnown() {
    WarehouseOptions warehouse =
        options("--targetTable=P", "--warehouseUrl=jdbc:snowflake://x").as(WarehouseOptions.class);
    assertEquals("jdbc:snowflake://x", warehouse.getWarehouseUrl());
  }
}
