package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;

/** Moments: ISO texts in JSON, counts since 1970 in Avro; never rounded. */
abstract class InstantForm extends FieldForm {
  private static final String WANTED =
      "a moment such as \"2015-07-31T10:00:00Z\" or a whole number of milliseconds since 1970";
  private static final long NANOS = 1_000_000_000;

  /** How many units make a second. */
  private final long perSecond;

  private final ChronoUnit unit;
  private final String logicalType;

  private InstantForm(int digits) {
    this.perSecond = Math.round(Math.pow(10, digits));
    this.unit =
        digits == 3 ? ChronoUnit.MILLIS : digits == 6 ? ChronoUnit.MICROS : ChronoUnit.NANOS;
    this.logicalType = "timestamp-" + unit.name().toLowerCase(Locale.ROOT);
  }

  /** Values of java.time with so many digits behind the second: 3, 6 or 9. */
  static FieldForm ofDigits(int digits) {
    return new Java(digits);
  }

  /** Values of Joda time. */
  static FieldForm joda() {
    return new Joda();
  }

  abstract Instant moment(Object value);

  abstract Object value(Instant moment) throws BadRowException;

  @Override
  Object fromJson(JsonParser in) throws IOException, BadRowException {
    Instant moment;
    try {
      if (in.currentToken() == JsonToken.VALUE_STRING) {
        moment = OffsetDateTime.parse(in.getText()).toInstant();
      } else if (in.currentToken() == JsonToken.VALUE_NUMBER_INT
          && in.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        moment = Instant.ofEpochMilli(in.getLongValue());
      } else {
        throw mismatch(WANTED, in);
      }
    } catch (DateTimeException e) {
      throw mismatch(WANTED, in);
    }
    if (!exact(moment)) {
      throw mismatch("a moment of no more digits than " + logicalType, in);
    }
    return value(moment);
  }

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException {
    out.writeString(moment(value).toString());
  }

  @Override
  Schema avro() {
    Schema schema = Schema.create(Schema.Type.LONG);
    schema.addProp("logicalType", logicalType);
    return schema;
  }

  @Override
  Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    long count = in.readLong();
    return value(
        Instant.ofEpochSecond(
            Math.floorDiv(count, perSecond),
            Math.floorMod(count, perSecond) * (NANOS / perSecond)));
  }

  @Override
  Object toAvro(Object value) throws BadRowException {
    Instant moment = moment(value);
    long perUnit = NANOS / perSecond;
    if (!exact(moment)) {
      throw new BadRowException(
          "must have no more digits than " + logicalType + ", found " + moment);
    }
    try {
      return count(moment.getEpochSecond(), moment.getNano() / perUnit);
    } catch (ArithmeticException e) {
      throw new BadRowException("must be in the range of " + logicalType + ", found " + moment, e);
    }
  }

  private boolean exact(Instant moment) {
    return moment.truncatedTo(unit).equals(moment);
  }

  /** Below 1970 the seconds alone may be out of range though the sum is not. */
  private long count(long seconds, long units) {
    return seconds < 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, perSecond), units - perSecond)
        : Math.addExact(Math.multiplyExact(seconds, perSecond), units);
  }

  private static final class Java extends InstantForm {
    Java(int digits) {
      super(digits);
    }

    @Override
    Instant moment(Object value) {
      return (Instant) value;
    }

    @Override
    Object value(Instant moment) {
      return moment;
    }
  }

  private static final class Joda extends InstantForm {
    Joda() {
      super(3);
    }

    @Override
    Instant moment(Object value) {
      return Instant.ofEpochMilli(((org.joda.time.ReadableInstant) value).getMillis());
    }

    @Override
    Object value(Instant moment) throws BadRowException {
      try {
        return org.joda.time.Instant.ofEpochMilli(moment.toEpochMilli());
      } catch (ArithmeticException e) {
        throw new BadRowException("must be in the range of timestamp-millis, found " + moment, e);
      }
    }
  }
}
