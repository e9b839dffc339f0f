package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/** How a streaming pipeline loads a table of the warehouse. */
public interface PipeOptions extends PipelineOptions {
  @Description("Pipe to the table, created if missing; the table's name with _PIPE unless set")
  @Nullable String getPipe();

  void setPipe(@Nullable String pipe);

  @Description("Seconds that rows wait for others on their way to the table")
  @Default.Integer(30)
  int getFlushSeconds();

  void setFlushSeconds(int seconds);
}
