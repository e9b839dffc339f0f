package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.inference.Batch.Pending;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.values.Row;

/** Where scored and refused rows go: out of a running bundle, or at its end. */
interface Output {
  void scored(Row row, Pending origin);

  void refused(BadRecord record, Pending origin);

  static Output during(MultiOutputReceiver out) {
    return new Output() {
      @Override
      public void scored(Row row, Pending origin) {
        out.get(RunInference.SCORED)
            .builder(row)
            .setTimestamp(origin.timestamp())
            .setWindow(origin.window())
            .output();
      }

      @Override
      public void refused(BadRecord record, Pending origin) {
        out.get(BadRecordRouter.BAD_RECORD_TAG)
            .builder(record)
            .setTimestamp(origin.timestamp())
            .setWindow(origin.window())
            .output();
      }
    };
  }

  static Output atEnd(DoFn<Row, Row>.FinishBundleContext context) {
    return new Output() {
      @Override
      public void scored(Row row, Pending origin) {
        context.output(RunInference.SCORED, row, origin.timestamp(), origin.window());
      }

      @Override
      public void refused(BadRecord record, Pending origin) {
        context.output(BadRecordRouter.BAD_RECORD_TAG, record, origin.timestamp(), origin.window());
      }
    };
  }
}
