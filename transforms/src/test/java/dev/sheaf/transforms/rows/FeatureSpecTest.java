package dev.sheaf.transforms.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureSpecTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .addInt64Field("WHOLE")
          .addDecimalField("EXACT")
          .addDoubleField("REAL")
          .addBooleanField("FLAG")
          .addStringField("TEXT")
          .addField("DAY", FieldType.logicalType(SqlTypes.DATE))
          .addField("LOCAL", FieldType.logicalType(SqlTypes.DATETIME))
          .addDateTimeField("MOMENT")
          .addField("CLOCK", FieldType.logicalType(SqlTypes.TIME))
          .addByteArrayField("BYTES")
          .addStringField("A:category")
          .addStringField("B:C")
          .build();

  private static Feature resolve(String text) {
    return FeatureSpec.parse(text).resolve(SCHEMA, "--features");
  }

  @ParameterizedTest
  @CsvSource({
    "WHOLE, WHOLE, INTEGER",
    "whole, WHOLE, INTEGER",
    "EXACT, EXACT, FLOAT",
    "REAL, REAL, FLOAT",
    "FLAG, FLAG, BOOLEAN",
    "TEXT, TEXT, TEXT_CATEGORY",
    "DAY, DAY, DATE",
    "LOCAL, LOCAL, DATE_TIME",
    "MOMENT, MOMENT, DATE_TIME",
    "WHOLE:category, WHOLE, INTEGER_CATEGORY",
    "exact:Category, EXACT, INTEGER_CATEGORY",
    "REAL: category, REAL, INTEGER_CATEGORY",
    "FLAG:category, FLAG, TEXT_CATEGORY",
    "TEXT:category, TEXT, TEXT_CATEGORY",
    "TEXT:number, TEXT, FLOAT",
    "WHOLE:number, WHOLE, INTEGER",
    "EXACT:number, EXACT, FLOAT",
    "FLAG:number, FLAG, BOOLEAN",
    "A:category, A:category, TEXT_CATEGORY",
    "A:category:number, A:category, FLOAT",
    "B:C, B:C, TEXT_CATEGORY",
    "b:c:number, B:C, FLOAT",
  })
  void aColumnsKindAndTheUsersWordGiveTheType(String text, String name, FeatureType type) {
    assertEquals(new Feature(name, type), resolve(text));
  }

  @Test
  void calendarPartsAreReadOffDatesAndTimestampsAndText() {
    List<CalendarPart> parts = List.of(CalendarPart.YEAR, CalendarPart.DAY_OF_WEEK);
    assertEquals(new Feature("DAY", FeatureType.DATE, parts), resolve("DAY:year+day_of_week"));
    assertEquals(
        new Feature("LOCAL", FeatureType.DATE_TIME, parts), resolve("local:Year + Day_Of_Week"));
    assertEquals(new Feature("TEXT", FeatureType.DATE, parts), resolve("TEXT:year+day_of_week"));
    assertEquals(
        new Feature("TEXT", FeatureType.DATE_TIME, List.of(CalendarPart.HOUR)),
        resolve("TEXT:hour"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"WHOLE", "WHOLE:category", "TEXT:number", "DAY:year+month", "A:category:number"})
  void factoriesSayWhatTheTextSays(String text) {
    FeatureSpec parsed = FeatureSpec.parse(text);
    assertEquals(text, parsed.text());
    assertEquals(parsed, FeatureSpec.parse(parsed.text()));
  }

  @Test
  void factoriesTakeANameAsItIs() {
    assertEquals(
        new Feature("B:C", FeatureType.FLOAT),
        FeatureSpec.column("B:C").asNumber().resolve(SCHEMA, "withFeatures"));
    assertEquals(
        new Feature("WHOLE", FeatureType.INTEGER_CATEGORY),
        FeatureSpec.column("WHOLE").asCategory().resolve(SCHEMA, "withFeatures"));
    FeatureSpec days = FeatureSpec.column("DAY").withParts(CalendarPart.DAYS, CalendarPart.MONTH);
    assertEquals("DAY:days+month", days.text());
    assertEquals(resolve("DAY:days+month"), days.resolve(SCHEMA, "withFeatures"));
    assertNotEquals(days, FeatureSpec.column("DAY"));
  }

  private static String refusal(String text) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> resolve(text)).getMessage());
  }

  @Test
  void whatCannotBeReadIsRefusedWithTheColumnsKind() {
    assertEquals(
        "--features: there is no column named \"PRICE\"; the columns are WHOLE, EXACT, REAL, FLAG,"
            + " TEXT, DAY, LOCAL, MOMENT, CLOCK, BYTES, A:category, B:C",
        refusal("PRICE:number"));
    assertEquals(
        "--features: \"CLOCK\" holds TIME; a number, boolean, text, date or timestamp is needed;"
            + " cast a time of day to a number in the query",
        refusal("CLOCK"));
    assertEquals(
        "--features: \"BYTES\" holds bytes or nested values; a number, boolean, text, date or"
            + " timestamp is needed",
        refusal("bytes"));
    assertEquals(
        "--features: \"DAY\" holds DATE; a category must be text, a whole number or a boolean",
        refusal("DAY:category"));
    assertEquals(
        "--features: \"DAY\" holds DATE; a number, a boolean or text that is a number is needed",
        refusal("DAY:number"));
    assertEquals(
        "--features: \"WHOLE\" holds INTEGER; calendar parts are read off a date, a timestamp or"
            + " text that is one",
        refusal("WHOLE:year"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DAY:", "DAY:yaer", "DAY:year+", "DAY:year+year", ":category", "DAY:+"})
  void anUnknownWordIsRefusedWithTheValidOnes(String text) {
    String message = refusal(text);
    assertEquals(
        "--features: cannot read \""
            + text.substring(text.indexOf(':') + 1)
            + "\" of \""
            + text
            + "\": there is no column of that name, and after the colon of a column stands"
            + " category, number, or some of year, quarter, month, week, day_of_month,"
            + " day_of_week, day_of_year, hour, minute, days, each once, with a + between them",
        message);
  }

  @Test
  void wrongFactoriesAreRefusedAtOnce() {
    assertEquals(
        "cannot use a feature without a column's name",
        assertThrows(IllegalArgumentException.class, () -> FeatureSpec.parse(" ")).getMessage());
    assertEquals(
        "cannot read the calendar parts [YEAR, YEAR] off column \"DAY\": at least one is needed,"
            + " and each once",
        assertThrows(
                IllegalArgumentException.class,
                () -> FeatureSpec.column("DAY").withParts(CalendarPart.YEAR, CalendarPart.YEAR))
            .getMessage());
  }
}
