package dev.sheaf.transforms.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.train.KeyReport;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** The run ledger: one row per key and run, and per group of keys where those have models. */
final class Ledger implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The metrics that have a column, by the names of {@link KeyReport#metrics()}. */
  static final List<String> METRICS =
      List.of("rmse", "mae", "wape", "smape", "r2", "pinball", "log_loss", "auc", "accuracy", "f1");

  static final Schema SCHEMA = schema();

  private final Clock clock;

  Ledger(Clock clock) {
    this.clock = clock;
  }

  private static Schema schema() {
    Schema.Builder schema =
        Schema.builder()
            .addStringField("RUN_ID")
            .addStringField("SCOPE")
            .addStringField("MODEL_KEY")
            .addStringField("STATUS")
            .addStringField("REASON")
            .addInt64Field("ROW_COUNT")
            .addInt64Field("TRAIN_ROWS")
            .addInt64Field("HOLDOUT_ROWS");
    for (String metric : METRICS) {
      schema.addNullableField(metric.toUpperCase(Locale.ROOT), FieldType.DOUBLE);
    }
    return schema
        .addStringField("LOSS_NAME")
        .addNullableField("LOSS", FieldType.DOUBLE)
        .addNullableField("BASELINE_LOSS", FieldType.DOUBLE)
        .addNullableField("CHAMPION_LOSS", FieldType.DOUBLE)
        .addNullableField("CHAMPION_VERSION", FieldType.STRING)
        .addNullableField("SCORES", FieldType.STRING)
        .addNullableField("PARITY_ERROR", FieldType.DOUBLE)
        .addDoubleField("SECONDS")
        .addInt64Field("PEAK_BYTES")
        .addStringField("TRAINER")
        .addStringField("FINGERPRINT")
        .addNullableField("MODEL_DIGEST", FieldType.STRING)
        .addBooleanField("REUSED")
        .addField("TRAINED_AT", FieldType.logicalType(Timestamp.NANOS))
        .build();
  }

  Row row(String runId, KeyReport report) {
    ModelScope scope = ModelScope.ofStoreKey(report.key());
    Row.Builder row =
        Row.withSchema(SCHEMA)
            .addValues(
                runId,
                scopeOf(scope),
                scope instanceof ModelScope.Key key ? key.text() : report.key(),
                report.status().name(),
                report.reason(),
                report.rows(),
                report.trainRows(),
                report.holdoutRows());
    METRICS.forEach(metric -> row.addValue(finite(report.metric(metric))));
    return row.addValues(
            report.losses().name(),
            report.losses().model(),
            report.losses().baseline(),
            report.losses().champion(),
            report.losses().championVersion(),
            scores(report.scores()),
            report.parityError(),
            report.seconds(),
            report.peakBytes(),
            report.trainer(),
            report.fingerprint(),
            report.digest(),
            report.reused(),
            clock.instant().truncatedTo(ChronoUnit.MICROS))
        .build();
  }

  private static @Nullable Double finite(@Nullable Double value) {
    return value == null || value.isInfinite() || value.isNaN() ? null : value;
  }

  /** {@code KEY}, {@code GROUP} or {@code GLOBAL}. */
  static String scopeOf(ModelScope scope) {
    return scope.getClass().getSimpleName().toUpperCase(Locale.ROOT);
  }

  private static @Nullable String scores(Map<String, Double> scores) {
    try {
      return scores.isEmpty() ? null : JSON.writeValueAsString(scores);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
