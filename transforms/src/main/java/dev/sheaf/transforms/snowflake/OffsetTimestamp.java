package dev.sheaf.transforms.snowflake;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * The schema type of a moment with its own offset from UTC, to the nanosecond: Snowflake's {@code
 * TIMESTAMP_TZ}.
 *
 * <p>A value is an {@link OffsetDateTime}; underneath lies a row of the epoch second, the
 * nanosecond and the offset in seconds.
 */
public final class OffsetTimestamp implements Schema.LogicalType<OffsetDateTime, Row> {
  /** The name under which the type is known. */
  public static final String IDENTIFIER = "sheaf:logical_type:offset_timestamp:v1";

  /** The type as a field's type. */
  public static final Schema.FieldType FIELD_TYPE =
      Schema.FieldType.logicalType(new OffsetTimestamp());

  private static final Schema BASE =
      Schema.builder()
          .addInt64Field("seconds")
          .addInt32Field("nanos")
          .addInt32Field("offset_seconds")
          .build();

  @Override
  public String getIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Schema.FieldType getArgumentType() {
    return Schema.FieldType.STRING;
  }

  @Override
  // Beam declares <T> T getArgument(); every type that has no argument answers like this.
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public <T> T getArgument() {
    return (T) "";
  }

  @Override
  public Schema.FieldType getBaseType() {
    return Schema.FieldType.row(BASE);
  }

  @Override
  public Row toBaseType(OffsetDateTime input) {
    return Row.withSchema(BASE)
        .addValues(input.toEpochSecond(), input.getNano(), input.getOffset().getTotalSeconds())
        .build();
  }

  @Override
  public OffsetDateTime toInputType(Row base) {
    long seconds = value(base.getInt64(0));
    int nanos = value(base.getInt32(1));
    int offset = value(base.getInt32(2));
    return Instant.ofEpochSecond(seconds, nanos).atOffset(ZoneOffset.ofTotalSeconds(offset));
  }

  private static <T> T value(@Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException("An offset timestamp has no empty parts.");
    }
    return value;
  }
}
