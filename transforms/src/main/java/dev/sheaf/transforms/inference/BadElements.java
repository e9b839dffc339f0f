package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.util.CoderUtils;
import org.jspecify.annotations.Nullable;

/** What is done with elements of any type that cannot be used; {@code BadRows} is that for rows. */
final class BadElements<T> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** More of an element is not written into an error message. */
  private static final int LONGEST_TEXT = 1000;

  private final Coder<T> coder;
  private final String step;
  private final boolean recording;

  /** Elements that {@code step} refuses, recorded where there is a handler. */
  BadElements(Coder<T> coder, String step, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.coder = coder;
    this.step = step;
    this.recording = errorHandler != null;
  }

  /**
   * The record of an element.
   *
   * @throws BadRowException when no handler takes bad records
   */
  BadRecord record(T element, BadRowException refusal) throws BadRowException {
    if (!recording) {
      throw new BadRowException(
          String.format(
              "%s cannot use an element: %s. To keep such elements apart and go on, set"
                  + " withBadRecordErrorHandler. The element: %s",
              step, refusal.reason(), readable(element)),
          refusal);
    }
    try {
      return BadRecord.builder()
          .setRecord(
              BadRecord.Record.builder()
                  .addHumanReadableJson(readable(element))
                  .setEncodedRecord(CoderUtils.encodeToByteArray(coder, element))
                  .setCoder(coder.toString())
                  .build())
          .setFailure(
              BadRecord.Failure.builder()
                  .setException(refusal.reason())
                  .setExceptionStacktrace("")
                  .setDescription(step)
                  .build())
          .build();
    } catch (IOException e) {
      throw new BadRowException(
          step + " cannot write a bad element: " + e.getMessage() + "; " + refusal.reason(), e);
    }
  }

  private static String readable(Object element) {
    String text = String.valueOf(element);
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
  }
}
