package dev.sheaf.transforms.kafka;

import java.io.Serializable;
import org.apache.beam.sdk.schemas.Schema;

/**
 * How a row is written in a Kafka record's value: one row per value, as JSON or as Avro.
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>field</th><th>JSON</th><th>Avro</th></tr>
 * <tr><td>BOOLEAN, STRING</td><td>the same</td><td>the same</td></tr>
 * <tr><td>BYTE, INT16, INT32, INT64</td><td>whole number</td><td>int, int, int, long</td></tr>
 * <tr><td>FLOAT, DOUBLE</td><td>number; {@code "NaN"}, {@code "Infinity"}, {@code
 * "-Infinity"}</td><td>the same</td></tr>
 * <tr><td>DECIMAL</td><td>number, every digit of it</td><td>string</td></tr>
 * <tr><td>BYTES</td><td>string of base64</td><td>bytes</td></tr>
 * <tr><td>DATETIME, SqlTypes.TIMESTAMP, Timestamp, NanosInstant</td><td>{@code
 * "2015-07-31T10:00:00Z"} or with an offset; read also from a whole number of milliseconds since
 * 1970</td><td>long with the logical type timestamp-millis, -micros or -nanos</td></tr>
 * <tr><td>SqlTypes.DATE</td><td>{@code "2015-07-31"}</td><td>int with the logical type
 * date</td></tr>
 * <tr><td>SqlTypes.TIME, SqlTypes.DATETIME</td><td>{@code "10:00:00"}, {@code
 * "2015-07-31T10:00:00"}</td><td>string, as in JSON</td></tr>
 * <tr><td>ARRAY, ITERABLE, ROW</td><td>array, object</td><td>array, record</td></tr>
 * </table>
 *
 * <p>Any other logical type is written as its base type. Reading is strict: a value that a field
 * cannot hold exactly, a field that is missing though it may not be null, and bytes behind the
 * value are refused with a reason. Members of a JSON object that the schema lacks are ignored.
 *
 * <p>An Avro value is the bare binary encoding with the schema of {@link #avroSchema}, without a
 * container and without a schema registry's prefix. A nullable field is the union of null and its
 * type.
 */
public final class RecordFormat implements Serializable {
  private static final long serialVersionUID = 1L;

  private enum Kind {
    JSON,
    AVRO
  }

  private final Kind kind;
  private final Schema schema;

  private RecordFormat(Kind kind, Schema schema) {
    this.kind = kind;
    this.schema = schema;
    codec();
  }

  /**
   * JSON in UTF-8: an object with a member for each field.
   *
   * @throws IllegalArgumentException if a field has a type that JSON cannot hold
   */
  public static RecordFormat json(Schema schema) {
    return new RecordFormat(Kind.JSON, schema);
  }

  /**
   * Avro's binary encoding.
   *
   * @throws IllegalArgumentException if a field has a type or a name that Avro cannot hold
   */
  public static RecordFormat avro(Schema schema) {
    return new RecordFormat(Kind.AVRO, schema);
  }

  /** The fields of a value. */
  public Schema schema() {
    return schema;
  }

  /** The Avro schema of these fields, as JSON text, whichever the format. */
  public String avroSchema() {
    return new AvroCodec(schema).avro().toString(true);
  }

  /** Reads and writes values; not for use by several threads at once. */
  RecordCodec codec() {
    return kind == Kind.JSON ? new JsonCodec(schema) : new AvroCodec(schema);
  }

  @Override
  public String toString() {
    return kind.name() + " of " + String.join(", ", schema.getFieldNames());
  }
}
