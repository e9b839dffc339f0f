package dev.sheaf.transforms.snowflake;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** A local server, a connection to it, and pipelines that read from it and write to it. */
final class Warehouse implements AutoCloseable {
  private static final Map<String, Queue<Row>> COLLECTED = new ConcurrentHashMap<>();

  private final SnowflakeServer server;
  private final Path staging;
  private final SnowflakeConnection connection;

  Warehouse() throws Exception {
    server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();
    staging = Files.createTempDirectory("sheaf-staging");
    connection =
        SnowflakeConnection.to(server.jdbcUrl())
            .withUser("sheaf")
            .withPassword(Secret.of("pw"))
            .withDatabase("SANDBOX")
            .withSchema("PUBLIC")
            .withStaging(staging.toString());
  }

  SnowflakeConnection connection() {
    return connection;
  }

  SnowflakeServer server() {
    return server;
  }

  void execute(String... statements) throws SQLException {
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Rows of texts, as the driver gives them. */
  List<List<@Nullable String>> query(String sql) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(result.getString(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  List<Row> read(SnowflakeRows.Read read) {
    return read(connection, read);
  }

  static List<Row> read(SnowflakeConnection connection, SnowflakeRows.Read read) {
    String id = UUID.randomUUID().toString();
    COLLECTED.put(id, new ConcurrentLinkedQueue<>());
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(read.withConnection(connection)).apply(ParDo.of(new Collect(id)));
    pipeline.run().waitUntilFinish();
    return List.copyOf(COLLECTED.getOrDefault(id, new ConcurrentLinkedQueue<>()));
  }

  void write(Schema schema, List<Row> rows, SnowflakeRows.Write write) {
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.create());
    pipeline.apply(Create.of(rows).withRowSchema(schema)).apply(write.withConnection(connection));
    pipeline.run().waitUntilFinish();
  }

  /** The files that are staged now. */
  List<Path> staged() throws Exception {
    try (Stream<Path> paths = Files.walk(staging)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  @Override
  public void close() {
    server.close();
  }

  private static final class Collect extends DoFn<Row, Void> {
    private final String id;

    Collect(String id) {
      this.id = id;
    }

    @ProcessElement
    public void collect(@Element Row row) {
      COLLECTED.computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>()).add(row);
    }
  }
}
