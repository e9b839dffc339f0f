package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.failure.BadRecordRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows through a real broker. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaRowsIT {
  private static final Schema SALE =
      Schema.builder()
          .addStringField("ID")
          .addInt32Field("STORE")
          .addDoubleField("AMOUNT")
          .addField("AT", FieldType.logicalType(SqlTypes.TIMESTAMP))
          .build();
  private static final Schema EVENT =
      Schema.builder().addFields(SALE.getFields()).addStringField("EVENT_ID").build();

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Broker broker;

  @BeforeAll
  static void start(@TempDir Path folder) {
    broker = new Broker(folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static Row sale(int number) {
    return Row.withSchema(SALE)
        .addValues("id-" + number, number % 7, number + 0.5, at(number))
        .build();
  }

  private static Instant at(int number) {
    return Instant.parse("2015-07-31T10:00:00.000001Z").plusSeconds(number);
  }

  private static Row event(int number, String id) {
    Row sale = sale(number);
    return Row.withSchema(EVENT).addValues(sale.getValues()).addValue(id).build();
  }

  private static List<Row> sales(int count) {
    List<Row> sales = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sales.add(sale(i));
    }
    return sales;
  }

  private static void write(List<Row> rows, WriteKafka write) {
    Pipeline pipeline = Pipeline.create();
    pipeline
        .apply(Create.of(rows).withRowSchema(SALE))
        .apply(write.withConnection(broker.connection()).withEventId("ID"));
    pipeline.run().waitUntilFinish();
  }

  private static ReadKafka read(String topic, RecordFormat format) {
    return KafkaRows.read().withConnection(broker.connection()).fromTopic(topic).withFormat(format);
  }

  @Test
  void jsonRowsArriveWithKeyAndId() throws Exception {
    broker.createTopic("json", 3);
    write(sales(50), KafkaRows.write().toTopic("json").withKey("STORE"));
    for (ConsumerRecord<byte[], byte[]> record : broker.records("json", 50)) {
      String id = Broker.header(record, KafkaRows.RECORD_ID);
      int number = Integer.parseInt(id.substring("id-".length()));
      assertEquals(Integer.toString(number % 7), Broker.text(record.key()));
      assertEquals(
          "{\"ID\":\""
              + id
              + "\",\"STORE\":"
              + number % 7
              + ",\"AMOUNT\":"
              + number
              + ".5,\"AT\":\""
              + at(number)
              + "\"}",
          Broker.text(record.value()));
    }
    Pipeline pipeline = Pipeline.create();
    PAssert.that(
            pipeline.apply(
                read("json", RecordFormat.json(SALE)).withEventId("ID").withMaxRecords(50)))
        .containsInAnyOrder(
            sales(50).stream()
                .map(
                    sale ->
                        event(
                            Integer.parseInt(sale.getString("ID").substring(3)),
                            sale.getString("ID")))
                .toList());
    pipeline.run().waitUntilFinish();
  }

  @Test
  void avroRowsGetTheirPlaceAsIdAndTheirEventTime() {
    RecordFormat avro = RecordFormat.avro(SALE);
    write(sales(20), KafkaRows.write().toTopic("avro").withFormat(avro));
    Pipeline pipeline = Pipeline.create();
    PCollection<Row> rows =
        pipeline.apply(read("avro", avro).withEventTime("AT").withMaxRecords(20));
    PAssert.that(rows)
        .satisfies(
            found -> {
              List<Long> offsets = new ArrayList<>();
              for (Row row : found) {
                String id = row.getString("EVENT_ID");
                offsets.add(Long.parseLong(id.substring("avro-0-".length())));
                assertEquals(event(Integer.parseInt(row.getString("ID").substring(3)), id), row);
              }
              assertEquals(
                  Stream.iterate(0L, i -> i + 1).limit(20).toList(),
                  offsets.stream().sorted().toList());
              return null;
            });
    PAssert.that(rows.apply(ParDo.of(new Times())))
        .containsInAnyOrder(
            sales(20).stream()
                .map(
                    sale ->
                        KV.of(sale.getString("ID"), sale.<Instant>getValue("AT").toEpochMilli()))
                .toList());
    pipeline.run().waitUntilFinish();
  }

  private static final class Times extends DoFn<Row, KV<String, Long>> {
    @ProcessElement
    public void time(
        @Element Row row,
        @Timestamp org.joda.time.Instant time,
        OutputReceiver<KV<String, Long>> out) {
      out.output(KV.of(String.valueOf(row.getString("ID")), time.getMillis()));
    }
  }

  @Test
  void kafkasTimeIsTheEventTimeUnlessAColumnIs() {
    long before = System.currentTimeMillis();
    write(sales(1), KafkaRows.write().toTopic("kafka-time"));
    long after = System.currentTimeMillis();
    Pipeline pipeline = Pipeline.create();
    PAssert.that(
            pipeline
                .apply(read("kafka-time", RecordFormat.json(SALE)).withMaxRecords(1))
                .apply(ParDo.of(new Times())))
        .satisfies(
            found -> {
              long time = found.iterator().next().getValue();
              assertTrue(before <= time && time <= after, before + " " + time + " " + after);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void poisonGoesToTheDeadLetterTopicAndTheRestGoesOn() throws Exception {
    String good = "{\"ID\":\"a\",\"STORE\":1,\"AMOUNT\":2,\"AT\":\"2015-07-31T10:00:00Z\"}";
    broker.send(
        "poisoned",
        List.of(
            Broker.bytes(good),
            Broker.bytes("no JSON"),
            Broker.bytes(good.replace("1,", "\"one\",")),
            new byte[] {(byte) 0xFF, 0},
            Broker.bytes(good.replace("\"a\"", "\"\"")),
            Broker.bytes(good.replace("\"a\"", "\"b\""))));
    Pipeline pipeline = Pipeline.create();
    PCollection<Row> rows;
    try (BadRecordErrorHandler<PDone> letters =
        pipeline.registerBadRecordErrorHandler(
            KafkaRows.deadLetters("dead").withConnection(broker.connection()))) {
      rows =
          pipeline.apply(
              read("poisoned", RecordFormat.json(SALE))
                  .withEventId("ID")
                  .withEventTime("AT")
                  .withMaxRecords(6)
                  .withBadRecordErrorHandler(letters));
    }
    PAssert.that(rows.apply(ParDo.of(new Times())))
        .satisfies(
            found -> {
              List<String> ids = new ArrayList<>();
              found.forEach(each -> ids.add(each.getKey()));
              assertEquals(List.of("a", "b"), ids.stream().sorted().toList());
              return null;
            });
    pipeline.run().waitUntilFinish();

    List<ConsumerRecord<byte[], byte[]>> dead = broker.records("dead", 4);
    assertEquals(
        List.of(
            "poisoned-0-1: the value is not JSON: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            "poisoned-0-2: field STORE must be a whole number from -2147483648 to 2147483647, found \"one\"",
            "poisoned-0-3: the value is not JSON: Unrecognized token '\u00ff': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            "poisoned-0-4: field ID is empty but is the event id"),
        dead.stream()
            .map(
                each ->
                    Broker.header(each, KafkaRows.RECORD_ID)
                        + ": "
                        + Broker.header(each, "sheaf-reason"))
            .sorted()
            .toList());
    ConsumerRecord<byte[], byte[]> bytes =
        dead.stream()
            .filter(each -> Broker.header(each, "sheaf-source-offset").equals("3"))
            .findFirst()
            .orElseThrow();
    assertEquals(2, bytes.value().length);
    assertEquals((byte) 0xFF, bytes.value()[0]);
    assertEquals("poisoned", Broker.header(bytes, "sheaf-source-topic"));
    assertEquals("0", Broker.header(bytes, "sheaf-source-partition"));
    assertTrue(
        Broker.header(bytes, "sheaf-step").contains("ReadKafka"),
        Broker.header(bytes, "sheaf-step"));
  }

  @Test
  void badRecordsCanBeRowsToo() throws Exception {
    broker.send("poisoned-rows", List.of(Broker.bytes("{")));
    Pipeline pipeline = Pipeline.create();
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    try (handler) {
      pipeline.apply(
          read("poisoned-rows", RecordFormat.json(SALE))
              .withMaxRecords(1)
              .withBadRecordErrorHandler(handler));
    }
    PAssert.that(handler.getOutput())
        .satisfies(
            found -> {
              String record = String.valueOf(found.iterator().next().getString("RECORD"));
              assertTrue(record.contains("\"topic\" : \"poisoned-rows\""), record);
              assertTrue(record.contains("\"value\" : \"{\""), record);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void poisonEndsTheJobWhereNobodyTakesIt() throws Exception {
    broker.send("fatal", List.of(Broker.bytes("7")));
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(read("fatal", RecordFormat.json(SALE)).withMaxRecords(1));
    Pipeline.PipelineExecutionException e =
        assertThrows(
            Pipeline.PipelineExecutionException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(
        String.valueOf(e.getMessage())
            .contains(
                "cannot read the record at fatal-0-0: the value must be an object, found 7. To keep"
                    + " such records apart and go on, set withBadRecordErrorHandler."),
        e.getMessage());
  }

  @Test
  void aGroupGoesOnWhereItStopped() throws Exception {
    write(sales(10), KafkaRows.write().toTopic("grouped"));
    ReadKafka grouped = read("grouped", RecordFormat.json(SALE)).withGroup("readers");
    Pipeline pipeline =
        Pipeline.create(PipelineOptionsFactory.fromArgs("--blockOnRun=false").create());
    pipeline
        .apply(grouped)
        .apply(KafkaRows.write().withConnection(broker.connection()).toTopic("copied"));
    PipelineResult running = pipeline.run();
    broker.records("copied", 10);
    // This runner commits a read when the next one has come, unless it has closed the reader by
    // then, as it does at random.
    AtomicInteger sent = new AtomicInteger(10);
    Runnable more =
        () -> {
          int next = sent.getAndIncrement();
          write(sales(next + 1).subList(next, next + 1), KafkaRows.write().toTopic("grouped"));
        };
    broker.awaitCommitted("readers", "grouped", 10, more);
    running.cancel();

    more.run();
    List<String> since = IntStream.range(10, sent.get()).mapToObj(id -> "id-" + id).toList();
    Pipeline again = Pipeline.create();
    PAssert.that(again.apply(grouped.withMaxRecords(1)).apply(ParDo.of(new Times())))
        .satisfies(
            found -> {
              String id = found.iterator().next().getKey();
              assertTrue(since.contains(id), id);
              return null;
            });
    again.run().waitUntilFinish();
  }

  @Test
  void aMomentIsAStart() {
    write(sales(2), KafkaRows.write().toTopic("moments"));
    // Two writers have a clock each: the later record may have the earlier time.
    long second =
        broker.records("moments", 2).stream()
                .mapToLong(ConsumerRecord::timestamp)
                .max()
                .orElseThrow()
            + 1;
    Broker.awaitClock(second);
    write(sales(3).subList(2, 3), KafkaRows.write().toTopic("moments"));
    Pipeline pipeline = Pipeline.create();
    PAssert.that(
            pipeline
                .apply(
                    read("moments", RecordFormat.json(SALE))
                        .startingAt(Instant.ofEpochMilli(second))
                        .withMaxRecords(1))
                .apply(ParDo.of(new Times())))
        .satisfies(
            found -> {
              assertEquals("id-2", found.iterator().next().getKey());
              return null;
            });
    pipeline.run().waitUntilFinish();
  }
}
