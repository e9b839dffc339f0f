package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.beam.sdk.io.snowflake.data.SnowflakeTableSchema;
import org.apache.beam.sdk.io.snowflake.enums.CreateDisposition;
import org.apache.beam.sdk.io.snowflake.enums.WriteDisposition;
import org.apache.beam.sdk.io.snowflake.services.SnowflakeBatchServiceConfig;
import org.apache.beam.sdk.schemas.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads whose end goes wrong, and loads that a runner repeats. */
class RepeatedLoadIT {
  private static final Schema NUMBER = Schema.builder().addInt64Field("N").build();
  private static final TableName TABLE = new TableName(List.of("T"));
  private static final List<Column> COLUMNS =
      List.of(new Column("N", ColumnType.of(ColumnType.Kind.VARCHAR), true));
  private static final String FILE = "part.csv.gz";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set before each test
  private Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Warehouse warehouse;

  @BeforeEach
  void start() throws Exception {
    warehouse = new Warehouse();
    warehouse.execute("CREATE TABLE T (N NUMBER(18,0))", "INSERT INTO T VALUES (1), (2), (3)");
    try (OutputStream file = new GZIPOutputStream(Files.newOutputStream(folder.resolve(FILE)))) {
      file.write("7\n8\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  @AfterEach
  void stop() {
    warehouse.close();
  }

  private TableLoad load(WriteMode mode) {
    return new TableLoad(warehouse.connection(), TABLE, NUMBER, mode, false);
  }

  private void write(TableLoad load, String file) throws Exception {
    SnowflakeBatchServiceConfig config =
        new SnowflakeBatchServiceConfig(
            ignored -> new ConnectionSource(warehouse.connection()),
            List.of(file),
            SnowflakeTableSchema.of(),
            "SANDBOX",
            "PUBLIC",
            "T",
            "",
            CreateDisposition.CREATE_NEVER,
            WriteDisposition.APPEND,
            warehouse.connection().storageIntegration(),
            folder + "/",
            "");
    RowServices.writing(load, load.target()).getBatchService().write(config);
  }

  /** A path of the staged file's name that cannot be deleted: a folder with something in it. */
  private String undeletable() throws IOException {
    Path full = Files.createDirectories(folder.resolve("full").resolve(FILE));
    Files.createFile(full.resolve("content"));
    return full.toString();
  }

  private List<?> rows() throws Exception {
    return warehouse.query("select N from T order by 1");
  }

  @Test
  void filesThatCannotBeDeletedDoNotFailACommittedLoad() throws Exception {
    String file = undeletable();
    write(load(WriteMode.APPEND), file);
    assertTrue(Files.exists(Path.of(file)), file);
    assertEquals(
        List.of(List.of("1"), List.of("2"), List.of("3"), List.of("7"), List.of("8")), rows());
  }

  @Test
  void aRepeatedReplacementLeavesTheSameRows() throws Exception {
    TableLoad load = load(WriteMode.TRUNCATE);
    write(load, undeletable());
    write(load, folder.resolve(FILE).toString());
    assertEquals(List.of(List.of("7"), List.of("8")), rows());
    assertFalse(Files.exists(folder.resolve(FILE)));
    assertThrows(
        SnowflakeException.class, () -> write(load, folder.resolve(FILE).toString()), "no file");
    assertEquals(List.of(List.of("7"), List.of("8")), rows());
  }

  @Test
  void onlyRowsThatStayMayHaveTheirFilesSkipped() {
    // The local server remembers no files, so that only the statement can show it.
    for (WriteMode mode : WriteMode.values()) {
      TableLoad load = load(mode);
      String copy = load.copyInto(TABLE, "s3://b/f/", List.of(FILE), COLUMNS);
      assertEquals(mode == WriteMode.TRUNCATE, copy.endsWith(" FORCE=TRUE"), copy);
      String texts = load.copyInto(TABLE.sibling("X"), "s3://b/f/", List.of(FILE), COLUMNS);
      assertTrue(texts.endsWith(" FORCE=TRUE"), texts);
    }
  }
}
