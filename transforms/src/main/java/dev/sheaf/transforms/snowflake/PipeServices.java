package dev.sheaf.transforms.snowflake;

import java.util.List;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeServices;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeStreamingServiceConfig;

/** What SnowflakeIO has done with the files of a streaming write. */
final class PipeServices implements SnowflakeServices {
  private final PipeTarget target;

  PipeServices(PipeTarget target) {
    this.target = target;
  }

  @Override
  public BatchService getBatchService() {
    throw new IllegalStateException("Cannot write by COPY: rows go through pipe " + target.pipe());
  }

  @Override
  public StreamingService getStreamingService() {
    return new StreamingService() {
      @Override
      public String read(SnowflakeStreamingServiceConfig config) {
        throw new IllegalStateException("Cannot read through pipe " + target.pipe());
      }

      @Override
      public void write(SnowflakeStreamingServiceConfig config) throws Exception {
        PipeOutbox.of(target).submit(unquoted(config.getFilesList()));
      }
    };
  }

  /** SnowflakeIO puts each name into quotes. */
  private static List<String> unquoted(List<String> names) {
    return names.stream().map(name -> name.replaceAll("^'|'$", "")).toList();
  }
}
