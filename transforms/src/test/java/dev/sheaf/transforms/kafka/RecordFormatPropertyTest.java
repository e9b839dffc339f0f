package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.failure.BadRowException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows of every type come back as they were, and no bytes do anything but become a row or a reason.
 */
class RecordFormatPropertyTest {
  private static final Schema INNER =
      Schema.builder().addInt32Field("A").addNullableField("B", FieldType.STRING).build();
  private static final List<FieldType> TYPES =
      List.of(
          FieldType.BOOLEAN,
          FieldType.BYTE,
          FieldType.INT16,
          FieldType.INT32,
          FieldType.INT64,
          FieldType.FLOAT,
          FieldType.DOUBLE,
          FieldType.STRING,
          FieldType.BYTES,
          FieldType.DECIMAL,
          FieldType.DATETIME,
          FieldType.logicalType(SqlTypes.TIMESTAMP),
          FieldType.logicalType(Timestamp.MICROS),
          FieldType.logicalType(new NanosInstant()),
          FieldType.logicalType(SqlTypes.DATE),
          FieldType.logicalType(SqlTypes.TIME),
          FieldType.logicalType(SqlTypes.DATETIME),
          FieldType.array(FieldType.DOUBLE),
          FieldType.array(FieldType.row(INNER).withNullable(true)),
          FieldType.row(INNER));
  private static final Schema SCHEMA = schema();
  private static final long NANOS_RANGE = Long.MAX_VALUE / 1_000_000_000;

  private static Schema schema() {
    Schema.Builder builder = Schema.builder();
    for (int i = 0; i < TYPES.size(); i++) {
      builder.addField("F" + i, TYPES.get(i).withNullable(i % 2 == 0));
    }
    return builder.build();
  }

  @Property(tries = 500)
  void jsonKeepsEveryValue(@ForAll("rows") Row row) throws BadRowException {
    RecordCodec codec = RecordFormat.json(SCHEMA).codec();
    assertEquals(row, codec.decode(codec.encode(row)));
  }

  @Property(tries = 500)
  void avroKeepsEveryValue(@ForAll("rows") Row row) throws BadRowException {
    RecordCodec codec = RecordFormat.avro(SCHEMA).codec();
    assertEquals(row, codec.decode(codec.encode(row)));
  }

  @Property(tries = 500)
  void damagedBytesAreARowOrAReason(
      @ForAll("rows") Row row, @ForAll int at, @ForAll byte with, @ForAll boolean cut)
      throws BadRowException {
    for (RecordFormat format : List.of(RecordFormat.json(SCHEMA), RecordFormat.avro(SCHEMA))) {
      RecordCodec codec = format.codec();
      byte[] value = codec.encode(row);
      int place = Math.floorMod(at, value.length);
      byte[] damaged = cut ? java.util.Arrays.copyOf(value, place) : value;
      if (!cut) {
        damaged[place] = with;
      }
      try {
        assertEquals(SCHEMA, codec.decode(damaged).getSchema());
      } catch (BadRowException e) {
        assertTrue(!e.reason().isBlank(), e.reason());
      }
    }
  }

  @Provide
  Arbitrary<Row> rows() {
    Arbitrary<Instant> seconds =
        Arbitraries.longs().between(-62_135_596_800L, 253_402_300_799L).map(Instant::ofEpochSecond);
    Arbitrary<Row> inner =
        Combinators.combine(Arbitraries.integers(), texts().injectNull(0.2))
            .as((a, b) -> Row.withSchema(INNER).addValues(a, b).build());
    List<Arbitrary<? extends Object>> values =
        List.of(
            Arbitraries.of(true, false),
            Arbitraries.bytes(),
            Arbitraries.shorts(),
            Arbitraries.integers(),
            Arbitraries.longs(),
            Arbitraries.integers()
                .map(Float::intBitsToFloat)
                .map(x -> Float.isNaN(x) ? Float.NaN : x),
            Arbitraries.longs()
                .map(Double::longBitsToDouble)
                .map(x -> Double.isNaN(x) ? Double.NaN : x),
            texts(),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(20),
            Combinators.combine(
                    Arbitraries.bigIntegers()
                        .between(BigInteger.TEN.pow(40).negate(), BigInteger.TEN.pow(40)),
                    Arbitraries.integers().between(-50, 50))
                .as(BigDecimal::new),
            seconds.map(s -> org.joda.time.Instant.ofEpochMilli(s.toEpochMilli() + 123)),
            seconds.map(s -> s.plusNanos(123_456_000)),
            seconds.map(s -> s.plusNanos(999_999_000)),
            Combinators.combine(
                    Arbitraries.longs().between(-NANOS_RANGE, NANOS_RANGE - 1),
                    Arbitraries.integers().between(0, 999_999_999))
                .as((s, n) -> Instant.ofEpochSecond(s, n)),
            Arbitraries.longs().between(-700_000, 2_900_000).map(LocalDate::ofEpochDay),
            Arbitraries.longs().between(0, 86_399_999_999_999L).map(LocalTime::ofNanoOfDay),
            Combinators.combine(seconds, Arbitraries.integers().between(0, 999_999_999))
                .as((s, n) -> LocalDateTime.ofEpochSecond(s.getEpochSecond(), n, ZoneOffset.UTC)),
            Arbitraries.doubles().list().ofMaxSize(4),
            inner.injectNull(0.2).list().ofMaxSize(3),
            inner);
    List<Arbitrary<@Nullable Object>> slots = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Arbitrary<@Nullable Object> each = values.get(i).map(value -> value);
      slots.add(i % 2 == 0 ? each.injectNull(0.1) : each);
    }
    return Combinators.combine(slots)
        .as(row -> Row.withSchema(SCHEMA).attachValues(new ArrayList<>(row)));
  }

  /** Texts of whole characters; half a surrogate pair is none in UTF-8. */
  private static Arbitrary<String> texts() {
    return Arbitraries.integers()
        .between(0, 0x10FFFF)
        .filter(point -> point < 0xD800 || point > 0xDFFF)
        .list()
        .ofMaxSize(12)
        .map(
            points -> {
              StringBuilder text = new StringBuilder();
              points.forEach(text::appendCodePoint);
              return text.toString();
            });
  }
}
