package dev.sheaf.transforms.training;

import dev.sheaf.models.train.KeyReport;
import java.io.Serializable;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;

/** The run ledger: one row per key and run. */
final class Ledger implements Serializable {
  private static final long serialVersionUID = 1L;

  static final Schema SCHEMA =
      Schema.builder()
          .addStringField("RUN_ID")
          .addStringField("MODEL_KEY")
          .addStringField("STATUS")
          .addStringField("REASON")
          .addInt64Field("ROW_COUNT")
          .addInt64Field("TRAIN_ROWS")
          .addInt64Field("HOLDOUT_ROWS")
          .addNullableField("RMSE", FieldType.DOUBLE)
          .addNullableField("MAE", FieldType.DOUBLE)
          .addNullableField("BASELINE_RMSE", FieldType.DOUBLE)
          .addNullableField("PARITY_ERROR", FieldType.DOUBLE)
          .addDoubleField("SECONDS")
          .addStringField("TRAINER")
          .addStringField("FINGERPRINT")
          .addNullableField("MODEL_DIGEST", FieldType.STRING)
          .addField("TRAINED_AT", FieldType.logicalType(Timestamp.NANOS))
          .build();

  private final String runId;
  private final Clock clock;

  Ledger(String runId, Clock clock) {
    this.runId = runId;
    this.clock = clock;
  }

  Row row(KeyReport report) {
    return Row.withSchema(SCHEMA)
        .addValues(
            runId,
            report.key(),
            report.status().name(),
            report.reason(),
            report.rows(),
            report.trainRows(),
            report.holdoutRows(),
            report.rmse(),
            report.mae(),
            report.baselineRmse(),
            report.parityError(),
            report.seconds(),
            report.trainer(),
            report.fingerprint(),
            report.digest(),
            clock.instant().truncatedTo(ChronoUnit.MICROS))
        .build();
  }
}
