package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;

/**
 * Makes the options of the warehouse known to Beam, so that the command line of a pipeline that
 * needs them only for some of its sinks may have them. Those of the pipelines themselves are not
 * registered: some have one name with two defaults.
 */
public final class SheafOptionsRegistrar implements PipelineOptionsRegistrar {
  @Override
  public Iterable<Class<? extends PipelineOptions>> getPipelineOptions() {
    return List.of(WarehouseOptions.class);
  }
}
