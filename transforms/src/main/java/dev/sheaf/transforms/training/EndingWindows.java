package dev.sheaf.transforms.training;

import java.time.Instant;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.WindowingStrategy;
import org.apache.beam.sdk.values.WindowingStrategy.AccumulationMode;
import org.joda.time.Duration;

/** The windows that models can be trained in: there must be a moment when all rows are there. */
final class EndingWindows {
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

  /** When a window ends, exclusive. */
  static Instant endOf(BoundedWindow window) {
    return Instant.ofEpochMilli(window.maxTimestamp().getMillis() + 1);
  }
}
