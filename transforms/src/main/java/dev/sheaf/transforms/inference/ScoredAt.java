package dev.sheaf.transforms.inference;

import java.time.Instant;
import java.util.Objects;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;

/**
 * Beam's timestamp in nanoseconds, equal to it and encoded as it, without its check of each value
 * against the schema of its parts: wherever a runner encodes predictions, that took longer than
 * everything else in their rows.
 */
@SuppressWarnings("unchecked") // How Beam's class declares its argument.
final class ScoredAt extends Timestamp {
  private static final long serialVersionUID = 1L;
  private static final int NANOSECONDS = 9;

  static final FieldType TYPE = FieldType.logicalType(new ScoredAt());

  private final Schema parts;

  private ScoredAt() {
    super(NANOSECONDS);
    this.parts = Objects.requireNonNull(getBaseType().getRowSchema());
  }

  @Override
  public Row toBaseType(Instant input) {
    return Row.withSchema(parts).attachValues(input.getEpochSecond(), input.getNano());
  }
}
