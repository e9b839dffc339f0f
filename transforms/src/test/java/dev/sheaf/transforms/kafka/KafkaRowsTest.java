package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Deduplicate;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and what is said of it, when a pipeline is built; no broker is asked. */
class KafkaRowsTest {
  private static final KafkaConnection KAFKA = KafkaConnection.to("127.0.0.1:1");
  private static final Schema EVENT =
      Schema.builder()
          .addStringField("ID")
          .addInt64Field("MILLIS")
          .addNullableField("AT", FieldType.DATETIME)
          .addDoubleField("AMOUNT")
          .build();

  private static ReadKafka read() {
    return KafkaRows.read()
        .withConnection(KAFKA)
        .fromTopic("events")
        .withFormat(RecordFormat.json(EVENT));
  }

  private static Schema schemaOf(ReadKafka read) {
    return Pipeline.create().apply(read).getSchema();
  }

  private static PCollection<Row> rows(Schema schema) {
    return Pipeline.create().apply(Create.empty(schema));
  }

  @Test
  void readingAddsTheEventId() {
    Schema more = Schema.builder().addFields(EVENT.getFields()).addStringField("EVENT_ID").build();
    assertEquals(more, schemaOf(read()));
    assertEquals(more, schemaOf(read().withEventId("ID")));
    Schema own = Schema.builder().addStringField("EVENT_ID").build();
    ReadKafka same = read().withFormat(RecordFormat.avro(own));
    assertEquals(own, schemaOf(same.withEventId("EVENT_ID")));
    assertEquals(
        "Cannot add the column EVENT_ID: the format has one already; valid are a STRING column of"
            + " that name with withEventId(\"EVENT_ID\"), or a format without it.",
        Refusals.of(() -> schemaOf(same)));
  }

  @Test
  void readingIsUnboundedUnlessLimited() {
    assertEquals(PCollection.IsBounded.UNBOUNDED, Pipeline.create().apply(read()).isBounded());
    assertEquals(
        PCollection.IsBounded.BOUNDED,
        Pipeline.create().apply(read().withMaxRecords(5)).isBounded());
    assertEquals(
        "withMaxRecords needs a number of at least 1, found: 0",
        Refusals.of(() -> read().withMaxRecords(0)));
  }

  @Test
  void readingNeedsItsParts() {
    String needed =
        "Cannot read from Kafka: withConnection, fromTopic and withFormat are required.";
    assertEquals(needed, Refusals.of(() -> schemaOf(KafkaRows.read())));
    assertEquals(
        needed, Refusals.of(() -> schemaOf(KafkaRows.read().withConnection(KAFKA).fromTopic("t"))));
    assertEquals(
        "fromTopics needs at least one topic, found none",
        Refusals.of(() -> read().fromTopics(List.of())));
    assertTrue(
        Refusals.of(() -> read().fromTopic("a b")).endsWith("underscores and hyphens, found: a b"));
    assertTrue(Refusals.of(() -> read().withGroup("")).startsWith("withGroup needs a name"));
    assertEquals(
        "withOutOfOrderness needs a duration from 0 to PT87600H, found: PT-1S",
        Refusals.of(() -> read().withOutOfOrderness(Duration.ofSeconds(-1))));
  }

  @Test
  void columnsAreThereAndOfTheRightType() {
    assertEquals(
        "withEventTime names the column NONE, which is not there; valid are ID, MILLIS, AT, AMOUNT",
        Refusals.of(() -> schemaOf(read().withEventTime("NONE"))));
    assertEquals(
        "withEventTime needs a column of DATETIME, SqlTypes.TIMESTAMP, Timestamp, NanosInstant or"
            + " INT64 (milliseconds since 1970), found AMOUNT of DOUBLE",
        Refusals.of(() -> schemaOf(read().withEventTime("AMOUNT"))));
    schemaOf(read().withEventTime("AT"));
    schemaOf(read().withEventTime("MILLIS"));
    assertEquals(
        "withEventId needs a column of STRING, BYTE, INT16, INT32 or INT64, found AT of DATETIME",
        Refusals.of(() -> schemaOf(read().withEventId("AT"))));
  }

  @Test
  void writingNeedsAnEventIdAndItsParts() {
    assertEquals(
        "Cannot write to Kafka: withConnection and toTopic are required.",
        Refusals.of(() -> rows(EVENT).apply(KafkaRows.write())));
    WriteKafka write = KafkaRows.write().withConnection(KAFKA).toTopic("out");
    assertEquals(
        "withEventId names the column EVENT_ID, which is not there; valid are ID, MILLIS, AT,"
            + " AMOUNT",
        Refusals.of(() -> rows(EVENT).apply(write)));
    rows(EVENT).apply(write.withEventId("ID"));
    assertTrue(
        Refusals.of(() -> rows(EVENT).apply(write.withEventId("ID").withKey("AMOUNT")))
            .startsWith("withKey needs a column of STRING"));
  }

  @Test
  void shardsAreFewAndASinkHasAName() {
    assertEquals(
        "withShards needs a number from 1 to 64, found: 0",
        Refusals.of(() -> KafkaRows.write().withShards(0)));
    assertEquals(
        "withShards needs a number from 1 to 64, found: 65",
        Refusals.of(() -> KafkaRows.write().withShards(65)));
    assertTrue(
        Refusals.of(() -> KafkaRows.write().withExactlyOnce("a b"))
            .startsWith("withExactlyOnce needs a name"));
  }

  /** Each partition has one writer where there are enough of them, and each writer one at least. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 6", "2, 6", "4, 6", "6, 6", "5, 3"})
  void partitionsAreSharedOut(int shards, int partitions) {
    SinkSettings settings = new SinkSettings(KAFKA, "out", "sink", shards, "run");
    List<Integer> all = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      all.addAll(settings.partitions(shard, partitions));
    }
    assertEquals(Math.max(shards, partitions), all.size());
    assertEquals(partitions, new HashSet<>(all).size());
  }

  /** The line that docs/kafka.md gives to consumers of at-least-once topics. */
  @Test
  void copiesGoByTheirId() {
    Schema schema = Schema.builder().addStringField("EVENT_ID").build();
    Row one = Row.withSchema(schema).addValues("a").build();
    Row other = Row.withSchema(schema).addValues("b").build();
    Pipeline pipeline = Pipeline.create();
    PCollection<Row> events = pipeline.apply(Create.of(one, other, one, one).withRowSchema(schema));
    PAssert.that(
            events.apply(
                Deduplicate.<Row, String>withRepresentativeValueFn(row -> row.getString("EVENT_ID"))
                    .withRepresentativeCoder(StringUtf8Coder.of())
                    .withDuration(org.joda.time.Duration.standardHours(1))))
        .containsInAnyOrder(one, other);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void aFormatChoosesColumnsOfItsTypes() {
    WriteKafka write = KafkaRows.write().withConnection(KAFKA).toTopic("out").withEventId("ID");
    Schema part = Schema.builder().addDoubleField("AMOUNT").build();
    rows(EVENT).apply(write.withFormat(RecordFormat.json(part)));
    Schema other = Schema.builder().addInt64Field("AMOUNT").build();
    String message =
        Refusals.of(() -> rows(EVENT).apply(write.withFormat(RecordFormat.json(other))));
    assertTrue(message.startsWith("withFormat needs the column AMOUNT of "), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", "host:", "http://host:9092", "host:9092,", "a b:9"})
  void serversAreHostsWithPorts(String servers) {
    String message = Refusals.of(() -> KafkaConnection.to(servers));
    assertTrue(message.endsWith("found: " + servers), message);
  }

  @Test
  void settingsAreNeverShown() {
    KafkaConnection secret = KAFKA.with("sasl.jaas.config", "password=open");
    assertEquals("Kafka at 127.0.0.1:1 with [sasl.jaas.config]", secret.toString());
    DisplayData shown = DisplayData.from(read().withConnection(secret));
    assertTrue(!shown.items().toString().contains("open"), shown.items().toString());
    assertEquals(secret, SerializableUtils.clone(secret));
    assertTrue(
        Refusals.of(() -> KAFKA.with("group.id", "x"))
            .startsWith("Cannot set group.id of a Kafka"));
  }
}
