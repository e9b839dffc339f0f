package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.Validation;

/** Which models a pipeline works with. */
public interface ModelStoreOptions extends PipelineOptions {
  @Description("Column with one model per value")
  @Validation.Required
  String getKey();

  void setKey(String column);

  @Description("Folder of the model store, on any Beam file system")
  @Validation.Required
  String getModelStore();

  void setModelStore(String location);
}
