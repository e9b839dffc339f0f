package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import java.time.Clock;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.values.Row;

/** The door for rows. */
record RowDoor(
    RowMapping mapping, Schema input, Schema output, String layer, Clock clock, BadRows badRows)
    implements Door<Row, Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public Translator<Row, ?, Row> translator(TensorSession session) {
    Schema needed = mapping.schema(session, input);
    if (!needed.equals(output)) {
      throw new IllegalArgumentException(
          "the model "
              + session.id()
              + " has other outputs than the pipeline was built for: "
              + needed
              + " instead of "
              + output);
    }
    return new RowTranslator(
        mapping.readers(session, input),
        mapping.columns(session),
        output,
        session.id(),
        layer,
        clock);
  }

  @Override
  public BadRecord record(Row row, BadRowException reason) throws BadRowException {
    return badRows.record(row, reason);
  }
}
