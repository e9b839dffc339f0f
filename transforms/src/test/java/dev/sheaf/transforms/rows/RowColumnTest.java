package dev.sheaf.transforms.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.transforms.failure.BadRowException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

final class RowColumnTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .addNullableField("WHOLE", FieldType.INT64)
          .addNullableField("EXACT", FieldType.DECIMAL)
          .addNullableField("REAL", FieldType.DOUBLE)
          .addNullableField("FLAG", FieldType.BOOLEAN)
          .addNullableField("TEXT", FieldType.STRING)
          .addNullableField("DAY", FieldType.logicalType(SqlTypes.DATE))
          .addNullableField("BYTES", FieldType.BYTES)
          .addNullableField("MOMENT", FieldType.DATETIME)
          .build();

  private static final Row ROW =
      Row.withSchema(SCHEMA)
          .addValues(
              7L,
              new BigDecimal("1234567890123456789012.50"),
              -2.5,
              true,
              " 8.25 ",
              LocalDate.of(2015, 6, 1),
              new byte[] {1},
              Instant.ofEpochMilli(1500))
          .build();

  private static final Row NULLS = Row.nullRow(SCHEMA);

  private static RowColumn column(String name) {
    return RowColumn.find(SCHEMA, name, "features");
  }

  @Test
  void namesMatchWithoutRegardToCase() {
    assertEquals("WHOLE", column("whole").name());
  }

  @Test
  void anExactNameComesFirst() {
    Schema schema = Schema.builder().addInt64Field("a").addStringField("A").build();
    assertEquals(Optional.of(ColumnKind.TEXT), RowColumn.find(schema, "A", "key").kind());
    assertEquals(Optional.of(ColumnKind.INTEGER), RowColumn.find(schema, "a", "key").kind());
  }

  @Test
  void anUnknownNameIsRefusedWithTheNamesThereAre() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> column("PRICE"));
    assertEquals(
        "features: there is no column named \"PRICE\"; the columns are WHOLE, EXACT, REAL, FLAG,"
            + " TEXT, DAY, BYTES, MOMENT",
        e.getMessage());
  }

  @Test
  void aNameThatMatchesTwiceIsRefused() {
    Schema schema = Schema.builder().addInt64Field("Ab").addStringField("aB").build();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> RowColumn.find(schema, "AB", "withLabel"));
    assertEquals(
        "withLabel: there is more than one column named \"AB\"; the columns are Ab, aB",
        e.getMessage());
  }

  @Test
  void numbersAreReadFromEveryNumericType() throws BadRowException {
    assertEquals(7.0, column("WHOLE").number(ROW));
    assertEquals(1.2345678901234568E21, column("EXACT").number(ROW));
    assertEquals(-2.5, column("REAL").number(ROW));
    assertEquals(1.0, column("FLAG").number(ROW));
    assertEquals(8.25, column("TEXT").number(ROW));
  }

  @Test
  void nullAndBlankTextAreMissing() throws BadRowException {
    assertTrue(Double.isNaN(column("WHOLE").number(NULLS)));
    Row blank = Row.fromRow(ROW).withFieldValue("TEXT", "  ").build();
    assertTrue(Double.isNaN(column("TEXT").number(blank)));
  }

  @Test
  void textThatIsNoNumberIsABadRow() {
    Row bad = Row.fromRow(ROW).withFieldValue("TEXT", "abc").build();
    BadRowException e = assertThrows(BadRowException.class, () -> column("TEXT").number(bad));
    assertEquals("TEXT is not a number: \"abc\"", e.reason());
  }

  @Test
  void anInfiniteNumberIsABadRow() {
    Row bad = Row.fromRow(ROW).withFieldValue("REAL", Double.NEGATIVE_INFINITY).build();
    BadRowException e = assertThrows(BadRowException.class, () -> column("REAL").number(bad));
    assertEquals("REAL is infinite", e.reason());
  }

  @Test
  void aKeyThatUtf8CannotHoldIsABadRow() throws BadRowException {
    Row whole = Row.fromRow(ROW).withFieldValue("TEXT", "a\ud83d\ude00").build();
    assertEquals("a\ud83d\ude00", column("TEXT").key(whole));
    for (String half : new String[] {"a\ud83d", "a\ude00b", "a\ude00\ud83d"}) {
      Row row = Row.fromRow(ROW).withFieldValue("TEXT", half).build();
      BadRowException e = assertThrows(BadRowException.class, () -> column("TEXT").key(row));
      assertEquals("TEXT is not valid Unicode text: half of a surrogate pair at 1", e.reason());
    }
  }

  @Test
  void aKeyIsTextWithoutADecimalPointWhereItIsWhole() throws BadRowException {
    assertEquals("7", column("WHOLE").key(ROW));
    assertEquals("1234567890123456789012.5", column("EXACT").key(ROW));
    assertEquals("-2.5", column("REAL").key(ROW));
    assertEquals("true", column("FLAG").key(ROW));
    assertEquals(" 8.25 ", column("TEXT").key(ROW));
    assertEquals("2015-06-01", column("DAY").key(ROW));
    assertNull(column("TEXT").key(NULLS));
  }

  @Test
  void equalNumbersOfDifferentTypesAreOneKey() throws BadRowException {
    Row row =
        Row.fromRow(ROW)
            .withFieldValue("WHOLE", 1200L)
            .withFieldValue("EXACT", new BigDecimal("1200.00"))
            .withFieldValue("REAL", 1200.0)
            .build();
    assertEquals("1200", column("WHOLE").key(row));
    assertEquals("1200", column("EXACT").key(row));
    assertEquals("1200", column("REAL").key(row));
  }

  @Test
  void kindsFollowTheClassOfTheValue() {
    assertEquals(Optional.of(ColumnKind.DATE), column("DAY").kind());
    assertEquals(Optional.empty(), column("BYTES").kind());
    assertEquals(
        Optional.of(ColumnKind.DATE_TIME),
        RowColumn.kindOf(FieldType.logicalType(SqlTypes.DATETIME)));
    assertEquals(
        Optional.of(ColumnKind.INSTANT), RowColumn.kindOf(FieldType.logicalType(Timestamp.NANOS)));
    assertEquals(
        Optional.of(ColumnKind.INSTANT),
        RowColumn.kindOf(FieldType.logicalType(new NanosInstant())));
    assertFalse(column("DAY").isReadableAsNumber());
    assertTrue(column("TEXT").isReadableAsNumber());
    assertFalse(column("TEXT").isNumber());
  }

  @Test
  void jodaInstantsBecomeThoseOfJavaTime() {
    assertEquals(java.time.Instant.ofEpochMilli(1500), column("MOMENT").value(ROW));
  }
}
