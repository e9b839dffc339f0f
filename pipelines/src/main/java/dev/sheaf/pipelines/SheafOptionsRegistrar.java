package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;

/**
 * Makes the options of the pipelines known to Beam, so that the warehouse's are taken on the
 * command line where a pipeline needs them only for some of its sinks.
 */
public final class SheafOptionsRegistrar implements PipelineOptionsRegistrar {
  @Override
  public Iterable<Class<? extends PipelineOptions>> getPipelineOptions() {
    return List.of(
        WarehouseOptions.class, TrainOptions.class, ScoreOptions.class, ScoreStreamOptions.class);
  }
}
