package dev.sheaf.pipelines;

import dev.sheaf.models.runs.TrainingRun;
import dev.sheaf.transforms.publishing.PublishedVersion;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.beam.sdk.transforms.DoFn;

/**
 * Writes down that a run came to its end, once its models are published. Done again, as when a
 * bundle is repeated, it writes the same with a later time.
 */
final class FinishRun extends DoFn<PublishedVersion, Void> {
  private static final long serialVersionUID = 1L;

  private final TrainingRun run;
  private final Clock clock;

  FinishRun(TrainingRun run, Clock clock) {
    this.run = run;
    this.clock = clock;
  }

  @ProcessElement
  public void process(@Element PublishedVersion published) {
    Map<String, String> left = new LinkedHashMap<>();
    left.put("version", published.models() == 0 ? "none" : published.version().text());
    left.put("models", Long.toString(published.models()));
    left.put("promoted", Long.toString(published.promoted()));
    left.put("rejected", Long.toString(published.rejected()));
    left.put("kept", Long.toString(published.kept()));
    run.finish(clock.instant(), left);
  }
}
