package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.schemas.logicaltypes.MicrosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/** The moment of an event, read from a column of its row. */
final class EventTime {
  private EventTime() {}

  /** Refuses a column that is not a moment. */
  static void check(Schema schema, String column) {
    Field field = Columns.field("withEventTime", schema, column);
    if (!isMoment(field)) {
      throw new IllegalArgumentException(
          "withEventTime needs a column of DATETIME, SqlTypes.TIMESTAMP, Timestamp, NanosInstant or"
              + " INT64 (milliseconds since 1970), found "
              + column
              + " of "
              + field.getType().getTypeName());
    }
  }

  private static boolean isMoment(Field field) {
    TypeName type = field.getType().getTypeName();
    if (type != TypeName.LOGICAL_TYPE) {
      return type == TypeName.DATETIME || type == TypeName.INT64;
    }
    String id = NestedForms.logicalTypeOf(field.getType()).getIdentifier();
    return id.equals(MicrosInstant.IDENTIFIER)
        || id.equals(NanosInstant.IDENTIFIER)
        || id.equals(Timestamp.IDENTIFIER);
  }

  /** The moment in a row's column, to the millisecond. */
  static Instant of(Row row, int column) throws BadRowException {
    Object value = row.getValue(column);
    String name = row.getSchema().getField(column).getName();
    if (value == null) {
      throw new BadRowException("field " + name + " is null but is the event time");
    }
    Instant moment = instant(name, value);
    if (moment.isBefore(BoundedWindow.TIMESTAMP_MIN_VALUE)
        || moment.isAfter(BoundedWindow.TIMESTAMP_MAX_VALUE)) {
      throw new BadRowException(
          "field " + name + " must be a moment that Beam can hold, found " + value);
    }
    return moment;
  }

  private static Instant instant(String name, Object value) throws BadRowException {
    if (value instanceof Long millis) {
      return Instant.ofEpochMilli(millis);
    }
    if (value instanceof java.time.Instant moment) {
      try {
        return Instant.ofEpochMilli(moment.toEpochMilli());
      } catch (ArithmeticException e) {
        throw new BadRowException(
            "field " + name + " must be a moment that Beam can hold, found " + value, e);
      }
    }
    return ((org.joda.time.ReadableInstant) value).toInstant();
  }
}
