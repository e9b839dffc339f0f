package dev.sheaf.transforms.snowflake;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Duration;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.snowflake.SnowflakeIO;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;

/** Writes unbounded rows through a pipe, by SnowflakeIO's streaming write. */
final class PipeWrite extends PTransform<PCollection<Row>, PDone> {
  private static final int KEY_BITS = 2048;

  private final transient PipeTarget target;
  private final Flush flush;

  /**
   * When rows become a file.
   *
   * @param interval after the first of them at the latest
   * @param rows as soon as so many wait
   */
  record Flush(Duration interval, int rows) implements java.io.Serializable {}

  PipeWrite(PipeTarget target, Flush flush) {
    this.target = target;
    this.flush = flush;
  }

  @Override
  public PDone expand(PCollection<Row> input) {
    return input
        .apply("In one window", Window.into(new GlobalWindows()))
        .apply("Encode", ParDo.of(new Encode(new RowEncoder(target.columns()))))
        .setCoder(StringUtf8Coder.of())
        .apply(
            "Stream",
            SnowflakeIO.<String>write()
                .withSnowflakeServices(new PipeServices(target))
                .withDataSourceConfiguration(source())
                .withSnowPipe(target.pipeName())
                .withStagingBucketName(target.written())
                .withFlushTimeLimit(org.joda.time.Duration.millis(flush.interval().toMillis()))
                .withFlushRowLimit(flush.rows())
                .withUserDataMapper(PackRows.Block::of));
  }

  /**
   * SnowflakeIO makes an ingest manager of its own on each worker, which then nobody asks: it wants
   * a key that is known when the pipeline is built, and would put the user's into the job. It gets
   * one that opens nothing.
   */
  private SnowflakeIO.DataSourceConfiguration source() {
    return SnowflakeIO.DataSourceConfiguration.create(new ConnectionSource(target.connection()))
        .withServerName("unused.snowflakecomputing.com")
        .withDatabase("UNUSED")
        .withSchema("UNUSED")
        .withKeyPairAuth("UNUSED", unusedKey());
  }

  private static PrivateKey unusedKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(KEY_BITS);
      return generator.generateKeyPair().getPrivate();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has RSA", e);
    }
  }

  private static final class Encode extends DoFn<Row, String> {
    private final RowEncoder encoder;

    Encode(RowEncoder encoder) {
      this.encoder = encoder;
    }

    @ProcessElement
    public void encode(@Element Row row, OutputReceiver<String> output) {
      StringBuilder line = new StringBuilder();
      encoder.encode(row, line);
      output.output(line.toString());
    }
  }
}
