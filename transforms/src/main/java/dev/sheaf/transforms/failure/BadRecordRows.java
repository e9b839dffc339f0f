package dev.sheaf.transforms.failure;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * Turns bad records into rows, so that they can be written to a table.
 *
 * <p>Columns: {@code STEP} (the transform that refused the row), {@code REASON}, {@code RECORD}
 * (the row as JSON text) and {@code FAILED_AT}. One row per bad record; windows and timestamps are
 * kept; bounded or unbounded. The counter {@code bad_records} counts them.
 *
 * <pre>{@code
 * try (BadRecordErrorHandler<PCollection<Row>> handler =
 *     pipeline.registerBadRecordErrorHandler(BadRecordRows.create())) {
 *   rows.apply(TrainPerKey.on("STORE_ID").withLabel("SALES").withBadRecordErrorHandler(handler));
 * }
 * }</pre>
 */
public final class BadRecordRows extends PTransform<PCollection<BadRecord>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** The columns of a bad record's row. */
  public static final Schema SCHEMA =
      Schema.builder()
          .addStringField("STEP")
          .addStringField("REASON")
          .addNullableField("RECORD", FieldType.STRING)
          .addField("FAILED_AT", FieldType.logicalType(Timestamp.NANOS))
          .build();

  private final Clock clock;

  private BadRecordRows(Clock clock) {
    this.clock = clock;
  }

  /** Stamps each record with the system's clock. */
  public static BadRecordRows create() {
    return new BadRecordRows(Clock.systemUTC());
  }

  /** Takes {@code FAILED_AT} from {@code clock}, which must be serializable. */
  public BadRecordRows withClock(Clock clock) {
    return new BadRecordRows(clock);
  }

  @Override
  public PCollection<Row> expand(PCollection<BadRecord> input) {
    return input.apply("ToRow", ParDo.of(new ToRow(clock))).setRowSchema(SCHEMA);
  }

  private static final class ToRow extends DoFn<BadRecord, Row> {
    private static final long serialVersionUID = 1L;
    private final Counter badRecords = Metrics.counter(BadRecordRows.class, "bad_records");
    private final Clock clock;

    ToRow(Clock clock) {
      this.clock = clock;
    }

    @ProcessElement
    public void process(@Element BadRecord bad, OutputReceiver<Row> out) {
      badRecords.inc();
      out.output(
          Row.withSchema(SCHEMA)
              .addValues(
                  bad.getFailure().getDescription(),
                  bad.getFailure().getException(),
                  bad.getRecord().getHumanReadableJsonRecord(),
                  clock.instant().truncatedTo(ChronoUnit.MICROS))
              .build());
    }
  }
}
