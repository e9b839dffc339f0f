package dev.sheaf.pipelines;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;

/** A warehouse in memory, a model store in a folder, and pipelines that work with both. */
final class Sandbox implements AutoCloseable {
  private final SnowflakeServer server;
  private final Path folder;

  Sandbox(Path folder) throws IOException {
    this.server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();
    this.folder = folder;
    Files.writeString(folder.resolve("password"), "pw");
    Files.createDirectories(folder.resolve("staging"));
  }

  String modelStore() {
    return folder.resolve("models").toString();
  }

  /** The options of a pipeline on a table. */
  <T extends WarehouseOptions> T options(Class<T> type, String... more) {
    return PipelineOptionsFactory.fromArgs(
            Stream.concat(
                    Stream.of(
                        "--warehouseUrl=" + server.jdbcUrl(),
                        "--warehouseUser=sheaf",
                        "--warehousePassword=file:" + folder.resolve("password"),
                        "--warehouseDatabase=SANDBOX",
                        "--staging=" + folder.resolve("staging") + "/",
                        "--modelStore=" + modelStore()),
                    Stream.of(more))
                .toArray(String[]::new))
        .withValidation()
        .as(type);
  }

  void execute(String... statements) throws SQLException {
    try (Connection opened = connection().open();
        Statement statement = opened.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** All rows as texts. */
  List<List<@Nullable String>> query(String sql) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Connection opened = connection().open();
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

  private SnowflakeConnection connection() {
    return Warehouse.connection(
        options(TrainOptions.class, "--sourceTable=SALES", "--key=STORE", "--label=SALES"));
  }

  @Override
  public void close() {
    server.close();
  }
}
