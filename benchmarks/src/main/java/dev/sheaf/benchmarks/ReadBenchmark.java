package dev.sheaf.benchmarks;

import dev.sheaf.sandbox.snowflake.CsvLoader;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import dev.sheaf.transforms.snowflake.Secret;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.snowflake.SnowflakeIO;
import org.apache.beam.sdk.values.PCollection;

/** Reading and writing a table of a million rows, against plain SnowflakeIO and DuckDB itself. */
final class ReadBenchmark {
  private static final int ROWS = 1_000_000;
  private static final String PASSWORD = "benchmark";

  private final Path folder;
  private final SnowflakeServer server;
  private final Path duckdb;

  private ReadBenchmark(Path folder, SnowflakeServer server) {
    this.folder = folder;
    this.server = server;
    this.duckdb = folder.resolve("plain.duckdb");
  }

  static String run(Path folder, int rounds) throws Exception {
    try (SnowflakeServer server = SnowflakeServer.inMemory().withDatabase("SHEAF").withUser("SHEAF", PASSWORD).start()) {
      ReadBenchmark benchmark = new ReadBenchmark(folder, server);
      benchmark.prepare();
      return new Contest("Reading: 1,000,000 rows of 7 columns", ROWS, rounds)
              .add("plain SnowflakeIO.read, text columns", benchmark::plainRead)
              .add("SnowflakeRows.read, typed and exact", benchmark::read)
              .add("DuckDB alone: COPY to gzipped CSV", benchmark::duckdbExport)
              .run()
          + new Contest("Writing: 1,000,000 rows of 7 columns", ROWS, rounds)
              .add("pipeline that reads the rows and drops them", benchmark::read)
              .add("pipeline: the same rows through SnowflakeRows.write", benchmark::write)
              .run();
    }
  }

  private void prepare() throws IOException, SQLException {
    Path csv = folder.resolve("rows.csv");
    SplittableRandom random = new SplittableRandom(7);
    try (BufferedWriter out = Files.newBufferedWriter(csv)) {
      out.write("ID,STORE,DAY,PRICE,SALES,PROMO,NOTE\n");
      for (int i = 0; i < ROWS; i++) {
        out.write(
            String.format(
                Locale.ROOT,
                "%d,%d,2024-%02d-%02d,%.2f,%d,%b,note %d\n",
                i,
                random.nextInt(1000),
                1 + random.nextInt(12),
                1 + random.nextInt(28),
                random.nextDouble() * 100,
                random.nextInt(10_000),
                random.nextBoolean(),
                random.nextInt(100_000)));
      }
    }
    CsvLoader.load(server, csv, "SHEAF.PUBLIC.T", rows -> {});
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + duckdb);
        Statement statement = connection.createStatement()) {
      statement.execute("create table T as from read_csv('" + csv + "')");
    }
  }

  private SnowflakeConnection connection() {
    return SnowflakeConnection.to(server.jdbcUrl())
        .withUser("SHEAF")
        .withPassword(Secret.of(PASSWORD))
        .withDatabase("SHEAF")
        .withSchema("PUBLIC")
        .withStaging(folder.resolve("staging") + "/")
        .withStorageIntegration("SHEAF");
  }

  private double read(int round) {
    return Pipelines.seconds(
        ROWS,
        p ->
            p.apply(SnowflakeRows.read().withConnection(connection()).fromTable("T"))
                .apply(Pipelines.sink()));
  }

  private double write(int round) {
    return Pipelines.seconds(
        0,
        p ->
            p.apply(SnowflakeRows.read().withConnection(connection()).fromTable("T"))
                .apply(SnowflakeRows.write().withConnection(connection()).to("COPY_" + round)));
  }

  private double plainRead(int round) {
    return Pipelines.seconds(
        ROWS,
        p -> {
          PCollection<String> rows =
              p.apply(
                  SnowflakeIO.<String>read()
                      .withDataSourceConfiguration(
                          SnowflakeIO.DataSourceConfiguration.create()
                              .withUsernamePasswordAuth("SHEAF", PASSWORD)
                              .withUrl(server.jdbcUrl() + "&x=.snowflakecomputing.com")
                              .withDatabase("SHEAF")
                              .withSchema("PUBLIC"))
                      .fromTable("T")
                      .withStagingBucketName(folder.resolve("plain") + "/")
                      .withStorageIntegrationName("SHEAF")
                      .withCsvMapper(parts -> parts[0])
                      .withCoder(StringUtf8Coder.of()));
          rows.apply(Pipelines.sink());
        });
  }

  private double duckdbExport(int round) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + duckdb);
        Statement statement = connection.createStatement()) {
      long start = System.nanoTime();
      statement.execute(
          "copy T to '" + folder.resolve("export-" + round) + ".csv.gz' (format csv)");
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
