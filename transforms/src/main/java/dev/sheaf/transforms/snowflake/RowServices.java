package dev.sheaf.transforms.snowflake;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeBatchServiceConfig;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeBatchServiceImpl;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeServices;
import org.apache.beam.sdk.util.MimeTypes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The statements that SnowflakeIO has run for a read or a write of rows. */
final class RowServices implements SnowflakeServices {
  private static final Logger LOG = LoggerFactory.getLogger(RowServices.class);

  private final String subject;
  private final @Nullable TableLoad load;
  private final List<Column> columns;

  private RowServices(String subject, @Nullable TableLoad load, List<Column> columns) {
    this.subject = subject;
    this.load = load;
    this.columns = columns;
  }

  static RowServices reading(SelectQuery query) {
    return new RowServices(query.toString(), null, List.of());
  }

  static RowServices writing(TableLoad load, List<Column> columns) {
    return new RowServices("table " + load.table(), load, columns);
  }

  @Override
  public BatchService getBatchService() {
    return new BatchService() {
      @Override
      public String read(SnowflakeBatchServiceConfig config) throws Exception {
        try {
          String pattern = new SnowflakeBatchServiceImpl().read(config);
          ensureFile(config.getStagingBucketDir(), pattern);
          return pattern;
        } catch (SQLException e) {
          throw SnowflakeException.of("Cannot read " + subject, e);
        }
      }

      @Override
      public void write(SnowflakeBatchServiceConfig config) throws Exception {
        loadFiles(config.getStagingBucketDir(), config.getFilesList());
      }
    };
  }

  @Override
  public StreamingService getStreamingService() {
    throw new IllegalArgumentException("Cannot stream to " + subject + ": only bounded rows are.");
  }

  /** No rows give no file, and where there is no file SnowflakeIO fails to delete the files. */
  private static void ensureFile(String folder, String pattern) throws IOException {
    if (FileSystems.match(pattern, EmptyMatchTreatment.ALLOW).metadata().isEmpty()) {
      ResourceId empty = FileSystems.matchNewResource(folder + "no-rows.csv", false);
      FileSystems.create(empty, MimeTypes.TEXT).close();
    }
  }

  private void loadFiles(String folder, List<String> files) {
    if (load == null) {
      throw new IllegalStateException("Cannot write to " + subject + ": it is only read.");
    }
    List<String> names = new ArrayList<>();
    List<ResourceId> staged = new ArrayList<>();
    for (String file : files) {
      names.add(file.substring(file.lastIndexOf('/') + 1));
      staged.add(FileSystems.matchNewResource(file, false));
    }
    load.load(folder, names, columns);
    // Only a load that succeeded may delete them: a runner repeats one that failed.
    try {
      FileSystems.delete(staged, MoveOptions.StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IOException | RuntimeException e) {
      // The rows are committed: failing now would have the runner load them again.
      LOG.warn("{} is loaded, but files are left in its staging folder {}.", subject, folder, e);
    }
  }
}
