package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {
  private static final Schema SALE =
      Schema.builder()
          .addInt32Field("STORE")
          .addDoubleField("AMOUNT")
          .addNullableField("NOTE", FieldType.STRING)
          .addField("AT", FieldType.logicalType(SqlTypes.TIMESTAMP))
          .build();
  private static final String GOOD =
      "{\"STORE\":7,\"AMOUNT\":1.5,\"NOTE\":\"x\",\"AT\":\"2015-07-31T10:00:00.25Z\"}";

  private static Row json(String text) throws BadRowException {
    return RecordFormat.json(SALE).codec().decode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String refusal(String text) {
    return assertThrows(BadRowException.class, () -> json(text)).reason();
  }

  @Test
  void jsonReadsAnObject() throws BadRowException {
    Row sale = json(GOOD);
    assertEquals(
        Row.withSchema(SALE)
            .addValues(7, 1.5, "x", Instant.parse("2015-07-31T10:00:00.250Z"))
            .build(),
        sale);
  }

  @Test
  void jsonTakesWhatMeansTheSame() throws BadRowException {
    Row sale = json("{\"AT\":1438336800250,\"MORE\":[1],\"AMOUNT\":3,\"STORE\":7}");
    assertEquals(3.0, sale.getDouble("AMOUNT"));
    assertEquals(null, sale.getString("NOTE"));
    assertEquals(Instant.parse("2015-07-31T10:00:00.250Z"), sale.getValue("AT"));
    Row east = json(GOOD.replace("10:00:00.25Z", "12:00:00.25+02:00"));
    assertEquals(json(GOOD), east);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|the value is empty",
        "{|the value is not JSON: Unexpected end-of-input",
        "[1]|the value must be an object, found an array",
        "{\"STORE\":1,\"AMOUNT\":1,\"AT\":0} {|the value goes on behind its JSON object",
        "{\"STORE\":1,\"STORE\":2}|field STORE is there twice",
        "{\"AMOUNT\":1}|field STORE is missing but may not be null",
        "{\"STORE\":null}|field STORE is null but may not be null",
        "{\"STORE\":\"1\"}|field STORE must be a whole number from -2147483648 to 2147483647, found \"1\"",
        "{\"STORE\":1.5}|field STORE must be a whole number from -2147483648 to 2147483647, found 1.5",
        "{\"STORE\":2147483648}|field STORE must be a whole number from -2147483648 to 2147483647, found 2147483648",
        "{\"STORE\":1,\"AMOUNT\":\"two\"}|field AMOUNT must be a number, \"NaN\", \"Infinity\" or \"-Infinity\", found \"two\"",
        "{\"STORE\":1,\"AMOUNT\":1e999}|field AMOUNT must be a number that fits DOUBLE, found 1e999",
        "{\"STORE\":1,\"AMOUNT\":1,\"NOTE\":5}|field NOTE must be a string, found 5",
        "{\"STORE\":1,\"AMOUNT\":1,\"AT\":\"yesterday\"}|field AT must be a moment such as \"2015-07-31T10:00:00Z\" or a whole number of milliseconds since 1970, found \"yesterday\"",
        "{\"STORE\":1,\"AMOUNT\":1,\"AT\":\"2015-07-31T10:00:00.1234567Z\"}|field AT must be a moment of no more digits than timestamp-micros, found \"2015-07-31T10:00:00.1234567Z\""
      })
  void jsonSaysWhyAValueIsNone(String value, String reason) {
    String found = refusal(value);
    assertTrue(found.startsWith(reason), found);
  }

  @Test
  void jsonRefusesBytesThatAreNoText() {
    byte[] bytes = {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'};
    String reason =
        assertThrows(BadRowException.class, () -> RecordFormat.json(SALE).codec().decode(bytes))
            .reason();
    assertTrue(reason.startsWith("the value is not JSON: Invalid UTF-8"), reason);
  }

  @Test
  void jsonLooksAsOneWouldWriteIt() throws BadRowException {
    Schema schema =
        Schema.builder()
            .addDecimalField("D")
            .addFloatField("F")
            .addDoubleField("N")
            .addField("DAY", FieldType.logicalType(SqlTypes.DATE))
            .addField("AT", FieldType.logicalType(Timestamp.NANOS))
            .addByteArrayField("B")
            .build();
    Row row =
        Row.withSchema(schema)
            .addValues(
                new BigDecimal("1.50"),
                0.1f,
                Double.NaN,
                LocalDate.of(2015, 7, 31),
                Instant.parse("2015-07-31T10:00:00.000001Z"),
                new byte[] {1, 2})
            .build();
    assertEquals(
        "{\"D\":1.50,\"F\":0.1,\"N\":\"NaN\",\"DAY\":\"2015-07-31\","
            + "\"AT\":\"2015-07-31T10:00:00.000001Z\",\"B\":\"AQI=\"}",
        new String(RecordFormat.json(schema).codec().encode(row), StandardCharsets.UTF_8));
  }

  @Test
  void aTextThatIsNoneInUnicodeIsEscapedOrRefused() throws BadRowException {
    Schema schema = Schema.builder().addStringField("S").build();
    Row half = Row.withSchema(schema).addValues("\uD800").build();
    assertEquals(
        "field S must be a text that UTF-8 can hold",
        assertThrows(BadRowException.class, () -> RecordFormat.avro(schema).codec().encode(half))
            .reason());
    RecordCodec json = RecordFormat.json(schema).codec();
    assertEquals(half, json.decode(json.encode(half)));
  }

  @Test
  void avroIsTheStandardEncoding() throws Exception {
    Row row =
        Row.withSchema(SALE)
            .addValues(7, 1.5, null, Instant.parse("1970-01-01T00:00:00.000003Z"))
            .build();
    byte[] value = RecordFormat.avro(SALE).codec().encode(row);
    // 7 and 3 in zigzag, the double as eight bytes, null's place in its union.
    assertEquals(
        java.util.HexFormat.of()
            .formatHex(new byte[] {14, 0, 0, 0, 0, 0, 0, (byte) 0xF8, 0x3F, 0, 6}),
        java.util.HexFormat.of().formatHex(value));
    assertEquals(
        new ObjectMapper()
            .readTree(
                """
                {"type":"record","name":"row","fields":[
                  {"name":"STORE","type":"int"},
                  {"name":"AMOUNT","type":"double"},
                  {"name":"NOTE","type":["null","string"],"default":null},
                  {"name":"AT","type":{"type":"long","logicalType":"timestamp-micros"}}]}
                """),
        new ObjectMapper().readTree(RecordFormat.avro(SALE).avroSchema()));
  }

  @Test
  void avroRefusesWhatIsCutOrGoesOn() throws BadRowException {
    RecordCodec codec = RecordFormat.avro(SALE).codec();
    byte[] value = codec.encode(json(GOOD));
    for (int length = 0; length < value.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(value, length);
      assertThrows(BadRowException.class, () -> codec.decode(cut));
    }
    byte[] more = java.util.Arrays.copyOf(value, value.length + 1);
    assertEquals(
        "the value goes on behind its Avro record",
        assertThrows(BadRowException.class, () -> codec.decode(more)).reason());
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 30, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -7})
  void avroSetsNoMemoryAsideForWhatIsNotThere(long count) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeLong(count);
    encoder.writeLong(1);
    encoder.flush();
    for (FieldType type :
        List.of(FieldType.STRING, FieldType.BYTES, FieldType.array(FieldType.DOUBLE))) {
      RecordCodec codec = RecordFormat.avro(Schema.builder().addField("F", type).build()).codec();
      String reason =
          assertThrows(BadRowException.class, () -> codec.decode(bytes.toByteArray())).reason();
      assertTrue(
          List.of("field F needs ", "the value ends within ", "the value is not an Avro record")
              .stream()
              .anyMatch(reason::startsWith),
          reason);
    }
  }

  @Test
  void typesAndNamesWithoutAFormAreRefused() {
    Schema map = Schema.builder().addMapField("M", FieldType.STRING, FieldType.INT64).build();
    assertEquals(
        "Cannot use the field M in a record format: maps have no form; valid are all other types.",
        Refusals.of(() -> RecordFormat.json(map)));
    Schema name = Schema.builder().addInt64Field("a b").build();
    String message = Refusals.of(() -> RecordFormat.avro(name));
    assertTrue(message.startsWith("Cannot write a b as Avro: names are letters"), message);
  }

  @Test
  void travelsWithThePipeline() throws BadRowException {
    RecordFormat copy = SerializableUtils.clone(RecordFormat.json(SALE));
    assertEquals(json(GOOD), copy.codec().decode(GOOD.getBytes(StandardCharsets.UTF_8)));
    assertEquals("JSON of STORE, AMOUNT, NOTE, AT", copy.toString());
  }
}
