package dev.sheaf.transforms.inference;

import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Duration;
import org.joda.time.Instant;

/** Where results and bad records go: out of a running bundle, or at its end. */
interface Outlet<OutT> {
  /**
   * Allows every timestamp. Runners subtract it from an element's for each result: were it longer,
   * some would overflow, and the exception would cost more than the result.
   */
  Duration ANY_SKEW =
      new Duration(BoundedWindow.TIMESTAMP_MIN_VALUE, BoundedWindow.TIMESTAMP_MAX_VALUE);

  void result(OutT result, Instant timestamp, BoundedWindow window);

  void refused(BadRecord record, Instant timestamp, BoundedWindow window);

  static <OutT> Outlet<OutT> during(MultiOutputReceiver out, TupleTag<OutT> results) {
    return new Outlet<>() {
      @Override
      public void result(OutT result, Instant timestamp, BoundedWindow window) {
        emit(results, result, timestamp, window);
      }

      @Override
      public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
        emit(BadRecordRouter.BAD_RECORD_TAG, record, timestamp, window);
      }

      private <T> void emit(TupleTag<T> tag, T value, Instant timestamp, BoundedWindow window) {
        out.get(tag).builder(value).setTimestamp(timestamp).setWindow(window).output();
      }
    };
  }

  static <OutT> Outlet<OutT> atEnd(
      DoFn<?, OutT>.FinishBundleContext context, TupleTag<OutT> results) {
    return new Outlet<>() {
      @Override
      public void result(OutT result, Instant timestamp, BoundedWindow window) {
        context.output(results, result, timestamp, window);
      }

      @Override
      public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
        context.output(BadRecordRouter.BAD_RECORD_TAG, record, timestamp, window);
      }
    };
  }
}
