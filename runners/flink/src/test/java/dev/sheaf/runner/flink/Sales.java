package dev.sheaf.runner.flink;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sales of stores that flow into a topic, at the time of the clock: each store sells five times a
 * second, for an amount that depends on the window of time, the store and the price alone. They
 * begin in the first half of a window.
 */
final class Sales implements AutoCloseable {
  static final int STORES = 20;
  static final int PARTITIONS = 2;

  private static final Duration PAUSE = Duration.ofMillis(200);

  private final String topic;
  private final Duration window;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<Instant, Map<String, Long>> sold = new ConcurrentHashMap<>();
  private final AtomicReference<Exception> refused = new AtomicReference<>();
  private final Thread seller = new Thread(this::sell, "sales");
  private volatile boolean closed;

  private Sales(Topics topics, String topic, Duration window) {
    this.topic = topic;
    this.window = window;
    this.producer = topics.producer();
  }

  static Sales flowInto(Topics topics, String topic, Duration window) {
    Sales sales = new Sales(topics, topic, window);
    sales.seller.setDaemon(true);
    sales.seller.start();
    return sales;
  }

  private void sell() {
    // Else the first window might have too few sales to train on.
    while (!closed && timeLeft().compareTo(window.dividedBy(2)) < 0) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    for (int round = 0; !closed; round++) {
      Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      for (int store = 0; store < STORES; store++) {
        sell(store, (round * 7 + store) % 97 / 4.0, now);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private void sell(int store, double price, Instant time) {
    Instant end = endOf(time);
    sold.computeIfAbsent(end, absent -> new ConcurrentHashMap<>())
        .merge(Integer.toString(store), 1L, Long::sum);
    String value =
        "{\"STORE_ID\":%d,\"PRICE\":%s,\"AMOUNT\":%s,\"SOLD_AT\":\"%s\"}"
            .formatted(store, price, amount(end, store, price), time);
    Future<?> unused =
        producer.send(
            new ProducerRecord<>(
                topic, store % PARTITIONS, null, value.getBytes(StandardCharsets.UTF_8)),
            (metadata, thrown) -> {
              if (thrown != null) {
                refused.compareAndSet(null, thrown);
              }
            });
  }

  private Duration timeLeft() {
    Instant now = Instant.now();
    return Duration.between(now, endOf(now));
  }

  /** One more sale of store 7, in a window that is over. */
  void sellLate(Instant end) {
    sell(7, 3, end.minusSeconds(1));
  }

  /** The end of the window that a time is in. */
  Instant endOf(Instant time) {
    long length = window.toMillis();
    return Instant.ofEpochMilli((time.toEpochMilli() / length + 1) * length);
  }

  /** What a store takes in the window of an end. */
  double amount(Instant end, int store, double price) {
    long number = end.toEpochMilli() / window.toMillis() % 1000;
    return 1000.0 * number + store + 2 * price;
  }

  /** How often each store sold in the window of an end. */
  Map<String, Long> soldUpTo(Instant end) throws Exception {
    @Nullable Exception thrown = refused.get();
    if (thrown != null) {
      throw thrown;
    }
    return new TreeMap<>(sold.getOrDefault(end, Map.of()));
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(seller);
    try {
      seller.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
  }
}
