package dev.sheaf.runner.dataflow;

import org.apache.beam.runners.dataflow.options.DataflowPipelineOptions;
import org.apache.beam.sdk.options.Description;
import org.jspecify.annotations.Nullable;

/** What becomes of a pipeline that was built. */
public interface LaunchOptions extends DataflowPipelineOptions {
  @Description("Waits until the job has ended; the exit code then says whether it ended well")
  boolean isWaitUntilFinish();

  void setWaitUntilFinish(boolean wanted);

  @Description(
      "Folder for the translated job, which is then not submitted: nothing of Google is asked")
  @Nullable String getOfflineTo();

  void setOfflineTo(@Nullable String folder);
}
