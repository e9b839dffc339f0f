package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.io.kafka.KafkaRecord;
import org.apache.beam.sdk.io.kafka.KafkaRecordCoder;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.util.CoderUtils;
import org.jspecify.annotations.Nullable;

/** Records that cannot be read as rows: with a handler bad records, without one the job's end. */
final class PoisonRecords implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Keys and values may both be missing. */
  static final KafkaRecordCoder<byte[], byte[]> CODER =
      KafkaRecordCoder.of(
          NullableCoder.of(ByteArrayCoder.of()), NullableCoder.of(ByteArrayCoder.of()));

  private final String step;
  private final boolean recording;

  PoisonRecords(String step, boolean recording) {
    this.step = step;
    this.recording = recording;
  }

  /**
   * The bad record, with the Kafka record in it.
   *
   * @throws BadRowException when no handler takes bad records
   */
  BadRecord of(KafkaRecord<byte[], byte[]> record, BadRowException refusal) throws BadRowException {
    if (!recording) {
      throw new BadRowException(
          step
              + " cannot read the record at "
              + place(record)
              + ": "
              + refusal.reason()
              + ". To keep such records apart and go on, set withBadRecordErrorHandler.",
          refusal);
    }
    return BadRecord.builder()
        .setRecord(
            BadRecord.Record.builder()
                .addHumanReadableJson(readable(record))
                .addCoderAndEncodedRecord(CODER, record)
                .build())
        .setFailure(
            BadRecord.Failure.builder()
                .setException(refusal.reason())
                .setExceptionStacktrace("")
                .setDescription(step)
                .build())
        .build();
  }

  /** The Kafka record in a bad record, if it came from here. */
  static Optional<KafkaRecord<byte[], byte[]>> in(BadRecord bad) throws IOException {
    byte @Nullable [] encoded = bad.getRecord().getEncodedRecord();
    if (encoded == null || !CODER.toString().equals(bad.getRecord().getCoder())) {
      return Optional.empty();
    }
    return Optional.of(CoderUtils.decodeFromByteArray(CODER, encoded));
  }

  /** Where a record is: {@code topic-partition-offset}. */
  static String place(KafkaRecord<byte[], byte[]> record) {
    return record.getTopic() + "-" + record.getPartition() + "-" + record.getOffset();
  }

  private static Map<String, @Nullable Object> readable(KafkaRecord<byte[], byte[]> record) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("topic", record.getTopic());
    fields.put("partition", record.getPartition());
    fields.put("offset", record.getOffset());
    fields.put("timestamp", record.getTimestamp());
    fields.put("key", text(record.getKV().getKey()));
    fields.put("value", text(record.getKV().getValue()));
    return fields;
  }

  /** UTF-8 as it is, other bytes as base64. */
  private static @Nullable String text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "base64:" + Base64.getEncoder().encodeToString(bytes);
    }
  }
}
