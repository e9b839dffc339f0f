package dev.sheaf.transforms.failure;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.windowing.DefaultTrigger;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTagList;
import org.apache.beam.sdk.values.WindowingStrategy;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one transform does with the rows it cannot use.
 *
 * <p>With an error handler every such row becomes a {@link BadRecord}: the row as readable JSON and
 * encoded by its coder, the reason, and the name of the step. Without one the first bad row fails
 * the pipeline, as Beam's own transforms do: nothing is dropped silently.
 */
public final class BadRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowCoder coder;
  private final String step;
  private final boolean recording;

  private BadRows(RowCoder coder, String step, boolean recording) {
    this.coder = coder;
    this.step = step;
    this.recording = recording;
  }

  /** Rows of {@code schema} that {@code step} refuses, recorded where there is a handler. */
  public static BadRows of(
      Schema schema, String step, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    return new BadRows(RowCoder.of(schema), step, errorHandler != null);
  }

  /**
   * The tags of a step's bad records: none where there is no handler. A runner may encode all
   * results of a step that has a further output, which it would hand on as they are otherwise.
   */
  public static TupleTagList tags(@Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    return errorHandler == null
        ? TupleTagList.empty()
        : TupleTagList.of(BadRecordRouter.BAD_RECORD_TAG);
  }

  /**
   * Hands the bad records of a step whose outputs have the {@link #tags} to the handler, where
   * there is one; all in the global window, since a handler puts those of several steps together,
   * whose windows may differ.
   */
  public static void collect(
      PCollectionTuple outputs, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    if (errorHandler != null) {
      PCollection<BadRecord> records = outputs.get(BadRecordRouter.BAD_RECORD_TAG);
      records.setCoder(BadRecord.getCoder(records.getPipeline()));
      errorHandler.addErrorCollection(inTheGlobalWindow(records));
    }
  }

  private static PCollection<BadRecord> inTheGlobalWindow(PCollection<BadRecord> records) {
    WindowingStrategy<?, ?> windows = records.getWindowingStrategy();
    boolean already =
        windows.getWindowFn() instanceof GlobalWindows
            && windows.getTrigger() instanceof DefaultTrigger;
    return already
        ? records
        : records.apply(
            "BadRecordsTogether",
            Window.<BadRecord>into(new GlobalWindows())
                .triggering(DefaultTrigger.of())
                .withAllowedLateness(Duration.ZERO)
                .discardingFiredPanes());
  }

  /**
   * The record for {@code row}.
   *
   * @throws BadRowException the given one, when no handler takes bad records
   */
  public BadRecord record(Row row, BadRowException refusal) throws BadRowException {
    if (!recording) {
      throw new BadRowException(
          String.format(
              "%s cannot use a row: %s. To keep such rows apart and go on, set"
                  + " withBadRecordErrorHandler. The row: %s",
              step, refusal.reason(), readable(row)),
          refusal);
    }
    return BadRecord.builder()
        .setRecord(
            BadRecord.Record.builder()
                .addHumanReadableJson(readable(row))
                .addCoderAndEncodedRecord(coder, row)
                .build())
        .setFailure(
            BadRecord.Failure.builder()
                .setException(refusal.reason())
                .setExceptionStacktrace("")
                .setDescription(step)
                .build())
        .build();
  }

  /** The row as an ordered map: numbers, booleans and NULL as they are, anything else as text. */
  private static Map<String, @Nullable Object> readable(Row row) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < row.getFieldCount(); i++) {
      Object value = row.getValue(i);
      boolean plain = value == null || value instanceof Number || value instanceof Boolean;
      fields.put(row.getSchema().getField(i).getName(), plain ? value : String.valueOf(value));
    }
    return fields;
  }
}
