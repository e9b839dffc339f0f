package dev.sheaf.transforms.training;

import dev.sheaf.transforms.failure.BadRowException;
import java.time.Instant;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.WindowingStrategy;
import org.apache.beam.sdk.values.WindowingStrategy.AccumulationMode;
import org.joda.time.Duration;

/** The windows that models can be trained in: there must be a moment when all rows are there. */
final class EndingWindows {
  private static final Instant TOO_LATE = Instant.parse("9999-12-31T00:00:00Z");

  private EndingWindows() {}

  static void check(PCollection<?> input) {
    if (input.isBounded() == IsBounded.BOUNDED) {
      return;
    }
    WindowingStrategy<?, ?> windows = input.getWindowingStrategy();
    if (windows.getWindowFn() instanceof GlobalWindows) {
      throw new IllegalArgumentException(
          "cannot train on "
              + input.getName()
              + ": it is unbounded and in the global window, which has no end; valid are bounded"
              + " inputs, and windows that end, such as FixedWindows and SlidingWindows");
    }
    if (windows.getAllowedLateness().isLongerThan(Duration.ZERO)
        && windows.getMode() != AccumulationMode.ACCUMULATING_FIRED_PANES) {
      throw new IllegalArgumentException(
          "cannot train on "
              + input.getName()
              + ": late rows, which are allowed for "
              + windows.getAllowedLateness().getStandardSeconds()
              + " s, would be trained on alone; valid is accumulatingFiredPanes()");
    }
  }

  /**
   * Refuses windows that no version can be named after: an event may say any time.
   *
   * @throws BadRowException if it ends before 1970 or after 9999
   */
  static void checkEnd(BoundedWindow window) throws BadRowException {
    if (window instanceof GlobalWindow) {
      return;
    }
    Instant end = endOf(window);
    if (end.isBefore(Instant.EPOCH) || !end.isBefore(TOO_LATE)) {
      throw new BadRowException(
          "its window ends at " + end + "; valid are times from 1970 to the year 9999");
    }
  }

  /** When a window ends, exclusive. */
  static Instant endOf(BoundedWindow window) {
    return Instant.ofEpochMilli(window.maxTimestamp().getMillis() + 1);
  }
}
