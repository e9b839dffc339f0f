package dev.sheaf.transforms.inference;

import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.transforms.DoFn.OutputReceiver;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/** Where scored and refused rows go: out of a running bundle, or at its end. */
interface Output {
  void scored(Row row, Instant timestamp, BoundedWindow window);

  void refused(BadRecord record, Instant timestamp, BoundedWindow window);

  static Output during(MultiOutputReceiver out) {
    OutputReceiver<Row> rows = out.get(RunInference.SCORED);
    return new Output() {
      @Override
      public void scored(Row row, Instant timestamp, BoundedWindow window) {
        rows.builder(row).setTimestamp(timestamp).setWindow(window).output();
      }

      @Override
      public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
        out.get(BadRecordRouter.BAD_RECORD_TAG)
            .builder(record)
            .setTimestamp(timestamp)
            .setWindow(window)
            .output();
      }
    };
  }

  static Output atEnd(DoFn<Row, Row>.FinishBundleContext context) {
    return new Output() {
      @Override
      public void scored(Row row, Instant timestamp, BoundedWindow window) {
        context.output(RunInference.SCORED, row, timestamp, window);
      }

      @Override
      public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
        context.output(BadRecordRouter.BAD_RECORD_TAG, record, timestamp, window);
      }
    };
  }
}
