package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.snowflake.SnowflakeIO;
import org.apache.beam.sdk.io.snowflake.enums.CreateDisposition;
import org.apache.beam.sdk.options.ValueProvider.StaticValueProvider;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Reads Snowflake tables and queries as schema rows, and writes schema rows to Snowflake tables;
 * every value comes back as it went in.
 *
 * <pre>{@code
 * PCollection<Row> sales =
 *     pipeline.apply(
 *         SnowflakeRows.read()
 *             .withConnection(warehouse)
 *             .fromQuery("select STORE_ID, TOTAL_ORDERS from SALES where ORDER_YEAR >= 2015"));
 * predictions.apply(SnowflakeRows.write().withConnection(warehouse).to("PREDICTIONS"));
 * scoredEvents.apply(
 *     SnowflakeRows.write()
 *         .withConnection(warehouse)
 *         .to("PREDICTIONS_STREAM")
 *         .throughPipe("PREDICTIONS_PIPE")
 *         .withFlushInterval(Duration.ofSeconds(10)));
 * }</pre>
 *
 * <h2>Types</h2>
 *
 * <table>
 * <caption>Columns and fields</caption>
 * <tr><th>column</th><th>field when read</th><th>fields that may be written</th></tr>
 * <tr><td>NUMBER(p,0), p up to 18</td><td>INT64</td><td>BYTE, INT16, INT32, INT64, DECIMAL</td></tr>
 * <tr><td>other NUMBER(p,s)</td><td>DECIMAL of scale s</td><td>the same</td></tr>
 * <tr><td>FLOAT</td><td>DOUBLE, with NaN and infinities</td><td>FLOAT, DOUBLE, integers up to 53
 * bits</td></tr>
 * <tr><td>VARCHAR</td><td>STRING</td><td>STRING</td></tr>
 * <tr><td>BOOLEAN</td><td>BOOLEAN</td><td>BOOLEAN</td></tr>
 * <tr><td>BINARY</td><td>BYTES</td><td>BYTES</td></tr>
 * <tr><td>DATE</td><td>SqlTypes.DATE, a LocalDate</td><td>the same</td></tr>
 * <tr><td>TIME</td><td>SqlTypes.TIME, a LocalTime</td><td>the same</td></tr>
 * <tr><td>TIMESTAMP_NTZ</td><td>SqlTypes.DATETIME, a LocalDateTime</td><td>the same</td></tr>
 * <tr><td>TIMESTAMP_LTZ</td><td>NanosInstant, a java.time.Instant</td><td>DATETIME,
 * SqlTypes.TIMESTAMP, NanosInstant, Timestamp</td></tr>
 * <tr><td>TIMESTAMP_TZ</td><td>{@link OffsetTimestamp}, an OffsetDateTime</td><td>the same, and
 * those of TIMESTAMP_LTZ in UTC</td></tr>
 * <tr><td>VARIANT, OBJECT, ARRAY</td><td>STRING of JSON; the field's option {@code
 * sheaf:snowflake:type} names the column type</td><td>STRING of JSON</td></tr>
 * </table>
 *
 * <p>A DECIMAL, or a time of less than nanoseconds, that was read here also carries that option, so
 * that a written copy has the same precision; without it a DECIMAL gets {@code NUMBER(38,9)}. New
 * integer columns are {@code NUMBER(3,0)}, {@code (5,0)}, {@code (10,0)} and {@code (19,0)}; the
 * last reads back as DECIMAL. A value that a column would round or cut fails the write.
 *
 * <h2>Errors</h2>
 *
 * <p>Options and the columns of query and table are checked, over a connection, when the transform
 * is applied: an {@link IllegalArgumentException} for what does not fit, a {@link
 * SnowflakeException} for what the service refuses.
 */
public final class SnowflakeRows {
  private SnowflakeRows() {}

  /** A transform that reads a table or a query. */
  public static Read read() {
    return new Read(null, null);
  }

  /** A transform that writes to a table. */
  public static Write write() {
    return new Write(null, null, WriteMode.APPEND, true, Write.Through.NONE);
  }

  private static SnowflakeConnection required(
      @Nullable SnowflakeConnection connection, String what) {
    if (connection == null) {
      throw new IllegalArgumentException("Cannot " + what + ": withConnection is required.");
    }
    return connection;
  }

  private static SnowflakeIO.DataSourceConfiguration source(SnowflakeConnection connection) {
    return SnowflakeIO.DataSourceConfiguration.create(new ConnectionSource(connection));
  }

  private static String runFolder(SnowflakeConnection connection, String verb) {
    return connection.staging() + "sheaf-" + verb + "-" + UUID.randomUUID() + "/";
  }

  /**
   * Reads a table or a query; see {@link SnowflakeRows}.
   *
   * <p>The output is bounded, in the global window, without event times, in no order. The query
   * runs once, when the pipeline runs. The service unloads it to staged files, which are read in
   * parallel and deleted at the end; a run that fails leaves its own folder {@code sheaf-read-*}.
   */
  public static final class Read extends PTransform<PBegin, PCollection<Row>> {
    private final @Nullable SnowflakeConnection connection;
    private final @Nullable SelectQuery query;

    private Read(@Nullable SnowflakeConnection connection, @Nullable SelectQuery query) {
      this.connection = connection;
      this.query = query;
    }

    /** Reads over this connection. Required. */
    public Read withConnection(SnowflakeConnection connection) {
      return new Read(connection, query);
    }

    /** Reads the rows of a SELECT; this or {@link #fromTable} is required, the last one counts. */
    public Read fromQuery(String query) {
      return new Read(connection, SelectQuery.of(query));
    }

    /** Reads a whole table or view, named as in SQL: {@code SALES}, {@code DB.PUBLIC."Sales"}. */
    public Read fromTable(String table) {
      return new Read(connection, SelectQuery.of(TableName.parse("fromTable", table)));
    }

    @Override
    public PCollection<Row> expand(PBegin input) {
      SelectQuery from = query;
      if (from == null) {
        throw new IllegalArgumentException(
            "Cannot read from Snowflake: one of fromQuery and fromTable is required.");
      }
      SnowflakeConnection opened = required(connection, "read " + from);
      String folder = runFolder(opened, "read");
      String integration = opened.storageIntegration();
      List<Column> columns = opened.columns(from);
      from.check(columns);
      RowDecoder decoder = new RowDecoder(columns);
      return input.apply(
          "Unload",
          SnowflakeIO.<Row>read(RowServices.reading(from))
              .withDataSourceConfiguration(source(opened))
              .fromQuery(RowProjection.sql(from, columns))
              // SnowflakeIO puts a slash of its own behind the folder.
              .withStagingBucketName(
                  StaticValueProvider.of(folder.substring(0, folder.length() - 1)))
              .withStorageIntegrationName(integration)
              .withCsvMapper(decoder)
              .withCoder(RowCoder.of(decoder.schema())));
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder.addIfNotNull(
          DisplayData.item("connection", connection == null ? null : connection.toString()));
      builder.addIfNotNull(DisplayData.item("from", query == null ? null : query.toString()));
    }
  }

  /**
   * Writes rows to a table; see {@link SnowflakeRows}.
   *
   * <p>Fields go to the columns of their names, exactly or else without regard to case; columns of
   * the table that the rows lack get their defaults. Timestamps and windows do not matter.
   *
   * <h3>Bounded rows</h3>
   *
   * <p>All are loaded together, in one transaction, from staged files that are then deleted; a run
   * that fails, or that cannot delete them, leaves its own folder {@code sheaf-write-*}.
   *
   * <p>A runner may repeat a load whose success it did not learn of. Where the files are deleted by
   * then, the repeated load fails and changes nothing. Where they are still there, {@link
   * WriteMode#TRUNCATE} puts the same rows in place again, {@link WriteMode#EMPTY} fails, and
   * {@link WriteMode#APPEND} leaves out the files that Snowflake remembers as loaded; but rows with
   * VARIANT, OBJECT or ARRAY columns are then appended a second time.
   *
   * <h3>Unbounded rows</h3>
   *
   * <p>They need {@link #throughPipe}. Rows wait in the runner's state for the flush interval or
   * the number of rows, become a file in the folder {@code sheaf-pipe-<pipe>} of the staging
   * folder, wait another interval for other files, and are handed to Snowpipe, which takes some
   * seconds to a minute: a row is in the table after one to two intervals and Snowpipe's own time.
   * It is appended <b>at least once</b>: after a failure the runner repeats rows, and nothing tells
   * the copies apart but their own columns. A view that keeps one row per key resolves them. A file
   * that is handed over twice is loaded once.
   *
   * <p>A file stays in the folder until the service has reported its rows as loaded. What a run
   * leaves there, the next run on the same pipe hands over again. A load that fails is logged at
   * once and fails the pipeline with the next file; its file is kept, and tried again by the next
   * run. A service that does not answer is asked again until {@link #withPipeLimit}; meanwhile rows
   * wait in the runner's state.
   */
  public static final class Write extends PTransform<PCollection<Row>, PDone> {
    private static final Duration SHORTEST_FLUSH = Duration.ofMillis(100);
    private static final Duration LONGEST_FLUSH = Duration.ofHours(1);
    private static final Duration SHORTEST_LIMIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_LIMIT = Duration.ofDays(1);

    private final @Nullable SnowflakeConnection connection;
    private final @Nullable TableName table;
    private final WriteMode mode;
    private final boolean create;
    private final Through through;

    /** The way of unbounded rows. */
    private record Through(@Nullable TableName pipe, PipeWrite.Flush flush, Duration limit)
        implements Serializable {
      static final Through NONE =
          new Through(
              null, new PipeWrite.Flush(Duration.ofSeconds(30), 10_000), Duration.ofMinutes(10));
    }

    private Write(
        @Nullable SnowflakeConnection connection,
        @Nullable TableName table,
        WriteMode mode,
        boolean create,
        Through through) {
      this.connection = connection;
      this.table = table;
      this.mode = mode;
      this.create = create;
      this.through = through;
    }

    /** Writes over this connection. Required. */
    public Write withConnection(SnowflakeConnection connection) {
      return new Write(connection, table, mode, create, through);
    }

    /** Writes to this table, named as in SQL. Required. */
    public Write to(String table) {
      return new Write(connection, TableName.parse("to", table), mode, create, through);
    }

    /** What happens to rows that the table has; by default {@link WriteMode#APPEND}. */
    public Write withMode(WriteMode mode) {
      return new Write(connection, table, mode, create, through);
    }

    /**
     * Fails where the table, or the pipe, is missing; by default the table is created with the
     * fields' names, and the pipe with its stage {@code <pipe>_STAGE}.
     */
    public Write withoutCreate() {
      return new Write(connection, table, mode, false, through);
    }

    /**
     * Writes unbounded rows through this pipe of Snowpipe, named as in SQL without quotes. Required
     * for them, and refused for bounded rows. A pipe that is there must have the definition that
     * this transform would give it; the user logs in by {@link SnowflakeConnection#withKeyPair} and
     * has OPERATE and MONITOR on the pipe in the default role.
     */
    public Write throughPipe(String pipe) {
      return through(
          new Through(TableName.parse("throughPipe", pipe), through.flush, through.limit));
    }

    /**
     * How long rows wait for others before they become a file: 100 milliseconds to 1 hour, by
     * default 30 s. Snowflake counts files: shorter costs more, and longer keeps rows from the
     * table.
     */
    public Write withFlushInterval(Duration interval) {
      check("withFlushInterval", interval, SHORTEST_FLUSH, LONGEST_FLUSH);
      return through(
          new Through(
              through.pipe, new PipeWrite.Flush(interval, through.flush.rows()), through.limit));
    }

    /** How many waiting rows become a file before the interval is over; by default 10,000. */
    public Write withFlushRows(int rows) {
      if (rows < 1) {
        throw new IllegalArgumentException("withFlushRows takes 1 or more; found: " + rows);
      }
      return through(
          new Through(
              through.pipe, new PipeWrite.Flush(through.flush.interval(), rows), through.limit));
    }

    /**
     * How long a service that does not answer, and the report of a load, are waited for until the
     * pipeline fails: 1 second to 1 day, by default 10 minutes.
     */
    public Write withPipeLimit(Duration limit) {
      check("withPipeLimit", limit, SHORTEST_LIMIT, LONGEST_LIMIT);
      return through(new Through(through.pipe, through.flush, limit));
    }

    private static void check(String option, Duration found, Duration from, Duration to) {
      if (found.compareTo(from) < 0 || found.compareTo(to) > 0) {
        throw new IllegalArgumentException(
            option + " takes " + from + " to " + to + "; found: " + found);
      }
    }

    private Write through(Through changed) {
      return new Write(connection, table, mode, create, changed);
    }

    @Override
    public PDone expand(PCollection<Row> input) {
      TableName to = table;
      if (to == null) {
        throw new IllegalArgumentException("Cannot write to Snowflake: to is required.");
      }
      SnowflakeConnection opened = required(connection, "write to table " + to);
      checkWay(input, to);
      if (!input.hasSchema()) {
        throw new IllegalArgumentException(
            "Cannot write to table "
                + to
                + ": rows need a schema, found none on "
                + input.getName()
                + "; set it with setRowSchema.");
      }
      TableLoad load = new TableLoad(opened, to, input.getSchema(), mode, create);
      TableName pipe = through.pipe;
      if (pipe != null) {
        return input.apply(
            "Through pipe", new PipeWrite(PipeTarget.of(load, pipe, through.limit), through.flush));
      }
      String folder = runFolder(opened, "write");
      String integration = opened.storageIntegration();
      List<Column> columns = load.target();
      return input
          .apply("In one window", Window.into(new GlobalWindows()))
          .apply("Pack", ParDo.of(new PackRows(new RowEncoder(columns))))
          .setCoder(StringUtf8Coder.of())
          .apply(
              "Load",
              SnowflakeIO.<String>write()
                  .withSnowflakeServices(RowServices.writing(load, columns))
                  .withDataSourceConfiguration(source(opened))
                  .to(to.toString())
                  .withStagingBucketName(folder)
                  .withStorageIntegrationName(integration)
                  .withUserDataMapper(PackRows.Block::of)
                  .withCreateDisposition(CreateDisposition.CREATE_NEVER));
    }

    private void checkWay(PCollection<Row> input, TableName to) {
      boolean unbounded = input.isBounded() == PCollection.IsBounded.UNBOUNDED;
      if (unbounded && through.pipe == null) {
        throw new IllegalArgumentException(
            "Cannot write to table "
                + to
                + ": unbounded rows need throughPipe, found the unbounded collection "
                + input.getName()
                + ".");
      }
      if (!unbounded && through.pipe != null) {
        throw new IllegalArgumentException(
            "Cannot write to table "
                + to
                + ": throughPipe is for unbounded rows, found the bounded collection "
                + input.getName()
                + "; leave it out.");
      }
      if (through.pipe != null && mode != WriteMode.APPEND) {
        throw new IllegalArgumentException(
            "Cannot write to table " + to + ": a pipe only appends, found withMode " + mode + ".");
      }
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder.addIfNotNull(
          DisplayData.item("connection", connection == null ? null : connection.toString()));
      builder.addIfNotNull(DisplayData.item("table", table == null ? null : table.toString()));
      builder.add(DisplayData.item("mode", mode.name()));
      builder.addIfNotNull(
          DisplayData.item("pipe", through.pipe == null ? null : through.pipe.toString()));
    }
  }
}
