package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** How rows travel between the pipeline and the Snowflake warehouse. */
public interface WarehouseOptions extends ConnectionOptions {
  @Description(
      "Folder through which rows travel, ending in /: a bucket that the storage integration covers,"
          + " or a local folder where the warehouse shares the workers' file system")
  @Validation.Required
  String getStaging();

  void setStaging(String location);

  @Description("Snowflake storage integration that covers the staging folder")
  @Default.String("SHEAF")
  String getStorageIntegration();

  void setStorageIntegration(String name);

  @Description(
      "Table that bad records are appended to; without it the first bad record fails the run")
  @Nullable String getBadRecordsTable();

  void setBadRecordsTable(@Nullable String table);
}
