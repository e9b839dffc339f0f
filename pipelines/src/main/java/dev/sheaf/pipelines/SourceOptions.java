package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** Which rows a pipeline reads, by which key, and which model store it works with. */
public interface SourceOptions extends PipelineOptions {
  @Description("Table to read; either this or --sourceQuery")
  @Nullable String getSourceTable();

  void setSourceTable(@Nullable String table);

  @Description("Query to read instead of a table")
  @Nullable String getSourceQuery();

  void setSourceQuery(@Nullable String query);

  @Description("Column with one model per value")
  @Validation.Required
  String getKey();

  void setKey(String column);

  @Description("Folder of the model store, on any Beam file system")
  @Validation.Required
  String getModelStore();

  void setModelStore(String location);
}
