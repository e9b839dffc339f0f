package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.values.Row;

/** Reads and writes the values of one format; keeps buffers, so that each thread needs its own. */
interface RecordCodec {
  /**
   * The row of a value.
   *
   * @throws BadRowException if the bytes are not a value of this format
   */
  Row decode(byte[] value) throws BadRowException;

  /**
   * The value of a row of this format's schema.
   *
   * @throws BadRowException if the format cannot hold a value of the row
   */
  byte[] encode(Row row) throws BadRowException;
}
