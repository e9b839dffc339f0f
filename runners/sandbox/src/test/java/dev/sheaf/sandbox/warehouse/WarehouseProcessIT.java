package dev.sheaf.sandbox.warehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.sandbox.process.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class WarehouseProcessIT {
  private final Path folder;

  WarehouseProcessIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void keepsWhatWasCommittedThroughAKillAndAStop() throws Exception {
    Path csv = folder.resolve("sales.csv");
    Files.writeString(csv, "STORE,UNITS\na,1\nb,2\n");
    try (WarehouseProcess warehouse = WarehouseProcess.in(folder).withTable("SALES", csv).start()) {
      String url = warehouse.jdbcUrl();
      assertEquals(3, number(warehouse, "select sum(UNITS) from SALES"));
      execute(warehouse, "insert into SALES values ('c', 4)");

      warehouse.kill();
      assertFalse(warehouse.isAlive());
      warehouse.restart();
      assertEquals(url, warehouse.jdbcUrl());
      assertEquals(7, number(warehouse, "select sum(UNITS) from SALES"));
      execute(warehouse, "insert into SALES values ('d', 8)");

      WarehouseProcess again = WarehouseProcess.in(folder).start();
      assertEquals(warehouse.pid(), again.pid());
      again.stop();
      again.restart();
      assertEquals(15, number(again, "select sum(UNITS) from SALES"));
      SandboxException e =
          assertThrows(
              SandboxException.class,
              () -> WarehouseProcess.in(folder).withTable("SALES", csv).start());
      assertEquals(
          "cannot load [SALES]: files are loaded when a warehouse starts, and process "
              + again.pid()
              + " is one already",
          e.getMessage());
      again.close();
    }
    assertEquals(Optional.empty(), WarehouseProcess.find(folder));
  }

  @Test
  void letsTheUserInByKeyPair() throws Exception {
    try (WarehouseProcess warehouse =
        WarehouseProcess.in(folder).withPipeDelay(Duration.ofMillis(5)).start()) {
      Properties properties = new Properties();
      properties.setProperty("user", WarehouseProcess.USER);
      properties.setProperty("private_key_file", warehouse.privateKeyFile().toString());
      warehouse.restart();
      try (Connection connection = DriverManager.getConnection(warehouse.jdbcUrl(), properties)) {
        assertEquals(WarehouseProcess.DATABASE, connection.getCatalog());
      }
    }
  }

  @Test
  void tellsWhyAFileIsNotLoaded() {
    WarehouseProcess.Builder builder =
        WarehouseProcess.in(folder).withTable("SALES", folder.resolve("none.csv"));
    SandboxException e = assertThrows(SandboxException.class, builder::start);
    assertTrue(
        String.valueOf(e.getMessage()).contains("there is no such readable file"), e::toString);
  }

  private static void execute(WarehouseProcess warehouse, String sql) throws Exception {
    try (Connection connection = connect(warehouse);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(WarehouseProcess warehouse, String sql) throws Exception {
    try (Connection connection = connect(warehouse);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertTrue(rows.next());
      return rows.getLong(1);
    }
  }

  private static Connection connect(WarehouseProcess warehouse) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", WarehouseProcess.USER);
    properties.setProperty("password", Files.readString(warehouse.passwordFile()));
    return DriverManager.getConnection(warehouse.jdbcUrl(), properties);
  }
}
