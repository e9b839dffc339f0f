package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Description;
import org.jspecify.annotations.Nullable;

/** Which rows of a table a pipeline reads, and which models it works with. */
public interface SourceOptions extends ModelStoreOptions {
  @Description("Table to read; either this or --sourceQuery")
  @Nullable String getSourceTable();

  void setSourceTable(@Nullable String table);

  @Description("Query to read instead of a table")
  @Nullable String getSourceQuery();

  void setSourceQuery(@Nullable String query);
}
