package dev.sheaf.sandbox.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.sandbox.process.SandboxException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class KafkaBrokerIT {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Path folder;

  KafkaBrokerIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void keepsRecordsAndPortThroughAKillAndAStop() throws Exception {
    try (KafkaBroker broker = KafkaBroker.in(folder).withPartitions(3).start()) {
      String address = broker.bootstrapServers();
      long firstProcess = broker.pid();
      try (KafkaProducer<String, String> producer = producer(broker, Map.of())) {
        assertEquals(3, producer.partitionsFor("orders").size());
        send(producer, "orders", "a", "1");
        send(producer, "orders", "b", "2");

        broker.kill();
        assertFalse(broker.isAlive());
        broker.restart();
        assertEquals(address, broker.bootstrapServers());
        assertNotEquals(firstProcess, broker.pid());
        send(producer, "orders", "c", "3");
      }
      broker.stop();
      broker.restart();
      assertEquals(List.of("a=1", "b=2", "c=3"), read(broker, "orders", 3, "read_uncommitted"));
    }
    assertEquals(Optional.empty(), KafkaBroker.find(folder));
  }

  @Test
  void commitsTransactionsAndHidesAborted() throws Exception {
    try (KafkaBroker broker = KafkaBroker.in(folder).start();
        KafkaProducer<String, String> producer =
            producer(broker, Map.of("transactional.id", "orders-1"))) {
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, "orders", "a", "1");
      producer.abortTransaction();
      producer.beginTransaction();
      send(producer, "orders", "b", "2");
      producer.commitTransaction();
      assertEquals(List.of("b=2"), read(broker, "orders", 1, "read_committed"));
    }
  }

  @Test
  void isFoundByItsFolderAndStartedOnce() {
    try (KafkaBroker broker = KafkaBroker.in(folder).withHeap(200).start()) {
      KafkaBroker again = KafkaBroker.in(folder).withHeap(300).start();
      KafkaBroker found = KafkaBroker.find(folder).orElseThrow();
      assertEquals(broker.pid(), again.pid());
      assertEquals(broker.pid(), found.pid());
      assertEquals(broker.bootstrapServers(), found.bootstrapServers());
      found.close();
      assertFalse(broker.isAlive());
      ProcessHandle.of(broker.pid())
          .ifPresent(process -> process.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }
    assertFalse(Files.exists(folder.resolve("broker.pid")));
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      KafkaBroker.Builder builder = KafkaBroker.in(folder).withPort(taken.getLocalPort());
      SandboxException e = assertThrows(SandboxException.class, builder::start);
      assertEquals(
          "cannot listen on port " + taken.getLocalPort() + " of 127.0.0.1: something else does",
          e.getMessage());
    }
  }

  @Test
  void tellsWhyABrokerDoesNotStart() throws Exception {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data").resolve("meta.properties"), "version=1\nnode.id=7\n");
    SandboxException e = assertThrows(SandboxException.class, () -> KafkaBroker.in(folder).start());
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("broker ended before it was ready"), e::toString);
    assertTrue(
        String.valueOf(e.getMessage()).contains("No readable meta.properties files found"),
        e::toString);
    assertEquals(Optional.empty(), KafkaBroker.find(folder));
  }

  private static void send(
      KafkaProducer<String, String> producer, String topic, String key, String value)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, key, value)).get(60, TimeUnit.SECONDS);
  }

  private static KafkaProducer<String, String> producer(
      KafkaBroker broker, Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("bootstrap.servers", broker.bootstrapServers());
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  /** The first {@code count} records, sorted. */
  private static List<String> read(KafkaBroker broker, String topic, int count, String isolation) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "group.id",
            "test",
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            isolation);
    List<String> records = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (records.size() < count) {
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          records.add(record.key() + "=" + record.value());
        }
      }
    }
    return records.stream().sorted().toList();
  }
}
