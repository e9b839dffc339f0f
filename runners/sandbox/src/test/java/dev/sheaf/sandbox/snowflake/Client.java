package dev.sheaf.sandbox.snowflake;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The real driver against a server of this module. */
final class Client {
  static final String USER = "sheaf";
  static final String PASSWORD = "it's a secret";

  private Client() {}

  static Connection connect(SnowflakeServer server) throws SQLException {
    return connect(server, new Properties());
  }

  static Connection connect(SnowflakeServer server, Properties more) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", PASSWORD);
    properties.putAll(more);
    return DriverManager.getConnection(server.jdbcUrl(), properties);
  }

  static int run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return statement.getUpdateCount();
    }
  }

  /** All rows, their values as the driver's getString gives them. */
  static List<List<@Nullable String>> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return read(rows);
    }
  }

  static List<List<@Nullable String>> read(ResultSet rows) throws SQLException {
    List<List<@Nullable String>> all = new ArrayList<>();
    while (rows.next()) {
      List<@Nullable String> row = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        row.add(rows.getString(i));
      }
      all.add(row);
    }
    return all;
  }

  static @Nullable String value(Connection connection, String sql) throws SQLException {
    return rows(connection, sql).get(0).get(0);
  }
}
