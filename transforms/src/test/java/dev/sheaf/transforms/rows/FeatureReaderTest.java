package dev.sheaf.transforms.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.transforms.failure.BadRowException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureReaderTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .addNullableField("WHOLE", FieldType.INT64)
          .addNullableField("EXACT", FieldType.DECIMAL)
          .addNullableField("REAL", FieldType.DOUBLE)
          .addNullableField("FLAG", FieldType.BOOLEAN)
          .addNullableField("TEXT", FieldType.STRING)
          .addNullableField("DAY", FieldType.logicalType(SqlTypes.DATE))
          .addNullableField("LOCAL", FieldType.logicalType(SqlTypes.DATETIME))
          .addNullableField("MOMENT", FieldType.DATETIME)
          .addNullableField("CLOCK", FieldType.logicalType(SqlTypes.TIME))
          .addNullableField("BYTES", FieldType.BYTES)
          .build();
  private static final double EARLY = -2;

  private static final Row ROW =
      Row.withSchema(SCHEMA)
          .addValues(
              7L,
              new BigDecimal("12.00"),
              -0.0,
              true,
              "d\u00e9j\u00e0 'vu'",
              LocalDate.of(1969, 12, 30),
              LocalDateTime.of(1969, 12, 30, 23, 59, 59, 999_999_999),
              Instant.ofEpochMilli(86_400_500),
              LocalTime.NOON,
              new byte[] {1})
          .build();
  private static final Row NULLS = Row.nullRow(SCHEMA);

  private static FeatureReader reader(String column, FeatureType type) {
    return FeatureReader.of(new Feature(column, type), SCHEMA, "the model's input");
  }

  private static double number(String column, FeatureType type) throws BadRowException {
    return reader(column, type).number(ROW);
  }

  private static double parsed(FeatureType type, @Nullable String text) throws BadRowException {
    return reader("TEXT", type).number(Row.fromRow(ROW).withFieldValue("TEXT", text).build());
  }

  @Test
  void numbersAreReadFromNumbersBooleansAndText() throws BadRowException {
    assertEquals(7, number("WHOLE", FeatureType.FLOAT));
    assertEquals(12, number("EXACT", FeatureType.INTEGER));
    assertEquals(1, number("FLAG", FeatureType.BOOLEAN));
    assertEquals(0, parsed(FeatureType.BOOLEAN, "0"));
    assertEquals(-2.5, parsed(FeatureType.FLOAT, " -2.5 "));
  }

  @Test
  void integerCategoriesAreWholeNumbersOfAnyType() throws BadRowException {
    assertEquals(7, number("WHOLE", FeatureType.INTEGER_CATEGORY));
    assertEquals(12, number("EXACT", FeatureType.INTEGER_CATEGORY));
    assertEquals(0.0, number("REAL", FeatureType.INTEGER_CATEGORY));
    assertEquals(90210, parsed(FeatureType.INTEGER_CATEGORY, "90210"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "1e300", "-9007199254740994"})
  void aCategoryThatIsNoWholeNumberIsABadRow(String text) {
    BadRowException e =
        assertThrows(BadRowException.class, () -> parsed(FeatureType.INTEGER_CATEGORY, text));
    assertEquals(
        "TEXT is no category: a whole number up to 2^53 is needed, found "
            + Double.parseDouble(text),
        e.reason());
  }

  @Test
  void datesAreDaysAndTimestampsSeconds() throws BadRowException {
    assertEquals(EARLY, number("DAY", FeatureType.DATE));
    assertEquals(EARLY * 86_400, number("DAY", FeatureType.DATE_TIME));
    assertEquals(EARLY, number("LOCAL", FeatureType.DATE));
    assertEquals(1, number("MOMENT", FeatureType.DATE));
    assertEquals(86_400.5, number("MOMENT", FeatureType.DATE_TIME));
  }

  @Test
  void theLastNanosecondOfADayIsNotRoundedIntoTheNext() throws BadRowException {
    for (int year : new int[] {1, 1969, 2026, 9999}) {
      LocalDateTime last = LocalDateTime.of(year, 12, 31, 23, 59, 59, 999_999_999);
      Row row = Row.fromRow(ROW).withFieldValue("LOCAL", last).build();
      double day = last.toLocalDate().toEpochDay();
      assertEquals(day, reader("LOCAL", FeatureType.DATE).number(row));
      double seconds = reader("LOCAL", FeatureType.DATE_TIME).number(row);
      assertEquals(day, Math.floor(seconds / 86_400), "floor of days in year " + year);
      assertEquals(day * 86_400 + 86_399, Math.floor(seconds), "floor of seconds in " + year);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-02, 86400",
    "' 1970-01-02 ', 86400",
    "1970-01-02T00:01, 86460",
    "1970-01-02T00:01:01.25, 86461.25",
    "1970-01-02 00:01:01.25, 86461.25",
    "1970-01-02T02:00:00+02:00, 86400",
    "1970-01-02T00:00:00Z, 86400",
  })
  void textIsReadAsADateOrTimestamp(String text, double seconds) throws BadRowException {
    assertEquals(seconds, parsed(FeatureType.DATE_TIME, text));
    assertEquals(1, parsed(FeatureType.DATE, text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2015-02-29", "01.06.2015", "20150601", "2015-06-01T", "1433116800"})
  void textThatIsNoDateIsABadRow(String text) {
    BadRowException e = assertThrows(BadRowException.class, () -> parsed(FeatureType.DATE, text));
    assertEquals(
        "TEXT is no date or timestamp such as 2015-06-01 or 2015-06-01T09:30:00: \"" + text + "\"",
        e.reason());
  }

  @Test
  void textFeaturesAreTheTextsOfKeys() throws BadRowException {
    assertEquals("d\u00e9j\u00e0 'vu'", reader("TEXT", FeatureType.TEXT_CATEGORY).text(ROW));
    assertEquals("7", reader("WHOLE", FeatureType.TEXT_CATEGORY).text(ROW));
    assertEquals("12", reader("EXACT", FeatureType.TEXT_CATEGORY).text(ROW));
    assertEquals("true", reader("FLAG", FeatureType.TEXT_CATEGORY).text(ROW));
    assertEquals("1969-12-30", reader("DAY", FeatureType.TEXT_CATEGORY).text(ROW));
    assertEquals("", reader("TEXT", FeatureType.TEXT_CATEGORY).text(NULLS));
  }

  @Test
  void halfASurrogatePairIsABadRow() throws BadRowException {
    FeatureReader reader = reader("TEXT", FeatureType.TEXT_CATEGORY);
    Row whole = Row.fromRow(ROW).withFieldValue("TEXT", "a\ud83d\ude00b").build();
    assertEquals("a\ud83d\ude00b", reader.text(whole));
    for (String half : new String[] {"a\ud83db", "a\ude00\ud83d", "b\ud83d"}) {
      Row row = Row.fromRow(ROW).withFieldValue("TEXT", half).build();
      BadRowException e = assertThrows(BadRowException.class, () -> reader.text(row));
      assertEquals("TEXT is not valid Unicode text: half of a surrogate pair at 1", e.reason());
    }
  }

  @ParameterizedTest
  @EnumSource(value = FeatureType.class, names = "TEXT_CATEGORY", mode = EnumSource.Mode.EXCLUDE)
  void nullAndBlankTextAreMissing(FeatureType type) throws BadRowException {
    assertEquals(Double.NaN, reader("TEXT", type).number(NULLS));
    assertEquals(Double.NaN, parsed(type, "  "));
  }

  @Test
  void columnsThatCannotHoldAFeatureAreRefused() {
    assertEquals(
        "the model's input: \"DAY\" holds DATE; for FLOAT a number, a boolean or text that is a"
            + " number is needed",
        refusal("day", FeatureType.FLOAT));
    assertEquals(
        "the model's input: \"REAL\" holds FLOAT; for DATE a date, a timestamp or text that is"
            + " one is needed",
        refusal("REAL", FeatureType.DATE));
    assertEquals(
        "the model's input: \"CLOCK\" holds TIME; for DATE_TIME a date, a timestamp or text that"
            + " is one is needed",
        refusal("CLOCK", FeatureType.DATE_TIME));
    assertEquals(
        "the model's input: \"BYTES\" holds bytes or nested values; for TEXT_CATEGORY a number,"
            + " boolean, text, date or time is needed",
        refusal("BYTES", FeatureType.TEXT_CATEGORY));
  }

  private static String refusal(String column, FeatureType type) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> reader(column, type)).getMessage());
  }
}
