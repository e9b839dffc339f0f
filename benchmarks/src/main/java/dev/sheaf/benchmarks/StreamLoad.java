package dev.sheaf.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends events at a steady rate and reads, afterwards, when what became of them was written. */
final class StreamLoad {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String SENT_AT = "\"SENT_AT\":";

  private final String servers;
  private final String source;
  private final String target;
  private final int keys;
  private final SplittableRandom random = new SplittableRandom(System.nanoTime());
  private long sent;
  private long countedFrom;

  StreamLoad(String servers, String source, String target, int keys) {
    this.servers = servers;
    this.source = source;
    this.target = target;
    this.keys = keys;
  }

  /** Milliseconds from record to record, ascending, and how many came a second. */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Latencies(int[] millis, double perSecond) {
    int percentile(int percent) {
      return millis[Math.min(millis.length - 1, (int) ((long) millis.length * percent / 100))];
    }
  }

  /** Sends an event now and then until one comes back: the job runs. */
  void awaitJob(Duration limit) throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    try (KafkaProducer<byte[], byte[]> producer = producer();
        KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      while (true) {
        send(producer).get();
        if (!consumer.poll(Duration.ofMillis(500)).isEmpty()) {
          return;
        }
        if (System.nanoTime() > end) {
          throw new IllegalStateException("the job gave nothing within " + limit);
        }
      }
    }
  }

  /** Sends at a rate, for so many seconds to warm up, which do not count, and so many more. */
  void send(int perSecond, int warmUp, int seconds)
      throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      long start = System.nanoTime();
      long count = (long) perSecond * (warmUp + seconds);
      countedFrom = System.currentTimeMillis() + warmUp * 1000L;
      for (long event = 0; event < count; event++) {
        long due = start + event * 1_000_000_000L / perSecond;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(100_000);
        }
        Future<?> last = send(producer);
        if (event == count - 1) {
          last.get();
        }
      }
    }
  }

  private Future<?> send(KafkaProducer<byte[], byte[]> producer) {
    long number = sent++;
    StringBuilder value = new StringBuilder(300).append("{\"ID\":\"e").append(number);
    value.append("\",").append(SENT_AT).append(System.currentTimeMillis());
    value.append(",\"K\":\"").append(random.nextInt(keys)).append('"');
    for (int f = 0; f < MadeModels.FEATURES; f++) {
      value.append(",\"F").append(f).append("\":").append(random.nextInt(10_000) / 100.0);
    }
    byte[] bytes = value.append('}').toString().getBytes(StandardCharsets.UTF_8);
    return producer.send(new ProducerRecord<>(source, null, null, bytes));
  }

  /** Reads what came of all events that were sent. */
  Latencies collect(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int[] millis = new int[(int) sent];
    int counted = 0;
    long records = 0;
    long first = Long.MAX_VALUE;
    long last = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      while (records < sent) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(records + " of " + sent + " events came within " + limit);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          records++;
          long sentAt = sentAt(record.value());
          if (sentAt >= countedFrom && counted < millis.length) {
            millis[counted++] = (int) (record.timestamp() - sentAt);
            first = Math.min(first, record.timestamp());
            last = Math.max(last, record.timestamp());
          }
        }
      }
    }
    int[] sorted = Arrays.copyOf(millis, counted);
    Arrays.sort(sorted);
    return new Latencies(sorted, counted * 1000.0 / Math.max(1, last - first));
  }

  private static long sentAt(byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    int from = text.indexOf(SENT_AT) + SENT_AT.length();
    int to = from;
    while (Character.isDigit(text.charAt(to))) {
      to++;
    }
    return Long.parseLong(text.substring(from, to));
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", servers);
    settings.put("linger.ms", "0");
    settings.put("acks", "1");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", servers);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", "false");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(target).stream()
            .map(each -> new TopicPartition(target, each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }
}
