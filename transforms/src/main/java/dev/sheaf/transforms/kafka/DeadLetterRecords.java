package dev.sheaf.transforms.kafka;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.beam.sdk.io.kafka.KafkaRecord;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Turns bad records into records of a dead-letter topic. */
final class DeadLetterRecords extends DoFn<BadRecord, ProducerRecord<byte[], byte[]>> {
  private static final long serialVersionUID = 1L;
  private final Counter letters = Metrics.counter(KafkaRows.class, "kafka_dead_letters");
  private final String topic;

  DeadLetterRecords(String topic) {
    this.topic = topic;
  }

  @ProcessElement
  public void write(@Element BadRecord bad, OutputReceiver<ProducerRecord<byte[], byte[]>> out)
      throws IOException {
    letters.inc();
    Optional<KafkaRecord<byte[], byte[]>> source = PoisonRecords.in(bad);
    ProducerRecord<byte[], byte[]> letter = source.isPresent() ? copy(source.get()) : readable(bad);
    add(letter, "sheaf-reason", bad.getFailure().getException());
    add(letter, "sheaf-step", bad.getFailure().getDescription());
    out.output(letter);
  }

  private ProducerRecord<byte[], byte[]> copy(KafkaRecord<byte[], byte[]> source) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, source.getKV().getKey(), source.getKV().getValue());
    if (source.getHeaders() != null) {
      source.getHeaders().forEach(letter.headers()::add);
    }
    add(letter, "sheaf-source-topic", source.getTopic());
    add(letter, "sheaf-source-partition", Integer.toString(source.getPartition()));
    add(letter, "sheaf-source-offset", Long.toString(source.getOffset()));
    letter.headers().remove(KafkaRows.RECORD_ID);
    add(letter, KafkaRows.RECORD_ID, PoisonRecords.place(source));
    return letter;
  }

  /** A bad record of another step: the row as JSON. */
  private ProducerRecord<byte[], byte[]> readable(BadRecord bad) {
    String text = bad.getRecord().getHumanReadableJsonRecord();
    byte @Nullable [] value =
        text == null ? bad.getRecord().getEncodedRecord() : text.getBytes(StandardCharsets.UTF_8);
    return new ProducerRecord<>(topic, null, value);
  }

  private static void add(
      ProducerRecord<byte[], byte[]> letter, String name, @Nullable String text) {
    if (text != null) {
      letter.headers().add(name, text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
