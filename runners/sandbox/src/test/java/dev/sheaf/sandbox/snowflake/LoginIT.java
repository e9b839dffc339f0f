package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import net.snowflake.client.jdbc.SnowflakeConnectionV1;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoginIT {
  private static SnowflakeServer.Builder builder() {
    return SnowflakeServer.inMemory().withUser(Client.USER, Client.PASSWORD);
  }

  @Test
  void aWrongPasswordIsRefusedWithSnowflakesCode() {
    try (SnowflakeServer server = builder().start()) {
      Properties wrong = new Properties();
      wrong.setProperty("password", "another");
      SQLException error =
          assertThrows(SQLException.class, () -> Client.connect(server, wrong).close());
      assertEquals(390100, error.getErrorCode());
      wrong.setProperty("user", "nobody");
      wrong.setProperty("password", Client.PASSWORD);
      error = assertThrows(SQLException.class, () -> Client.connect(server, wrong).close());
      assertEquals(390100, error.getErrorCode());
    }
  }

  @Test
  void aKeyPairLogsInAndAnotherKeyDoesNot() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair own = generator.generateKeyPair();
    KeyPair other = generator.generateKeyPair();
    try (SnowflakeServer server = builder().withUser("robot", own.getPublic()).start()) {
      Properties properties = new Properties();
      properties.put("user", "robot");
      properties.put("privateKey", own.getPrivate());
      try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), properties)) {
        assertEquals("ROBOT", Client.value(connection, "SELECT CURRENT_USER()"));
      }
      properties.put("privateKey", other.getPrivate());
      SQLException error =
          assertThrows(
              SQLException.class,
              () -> DriverManager.getConnection(server.jdbcUrl(), properties).close());
      assertEquals(390144, error.getErrorCode());
    }
  }

  @Test
  void aServerWithoutUsersDoesNotStart() {
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> SnowflakeServer.inMemory().start());
    assertTrue(String.valueOf(error.getMessage()).contains("at least one user"));
  }

  @Test
  void anExpiredSessionIsRenewedByTheDriver() throws Exception {
    Duration life = Duration.ofHours(1);
    SettableClock clock = new SettableClock();
    try (SnowflakeServer server = builder().withTokenLife(life).withClock(clock).start();
        Connection connection = Client.connect(server)) {
      Client.run(connection, "CREATE TABLE T (A INT)");
      @Nullable String first = token(connection);
      assertNotNull(first);
      assertEquals(1, Client.run(connection, "INSERT INTO T VALUES (1)"));
      assertEquals(first, token(connection));
      clock.advance(life.plusSeconds(1));
      assertEquals(1, Client.run(connection, "INSERT INTO T VALUES (2)"));
      assertNotEquals(first, token(connection));
      assertEquals("2", Client.value(connection, "SELECT COUNT(*) FROM T"));
      // The tokens that renew live four times as long.
      clock.advance(life.multipliedBy(5));
      assertThrows(SQLException.class, () -> Client.run(connection, "INSERT INTO T VALUES (3)"));
    }
  }

  /** The token that the driver sends with its requests now. */
  private static @Nullable String token(Connection connection) throws SQLException {
    return connection.unwrap(SnowflakeConnectionV1.class).getSfSession().getSessionToken();
  }

  /** A clock that a test moves on. */
  private static final class SettableClock extends Clock {
    private final AtomicLong millis = new AtomicLong(System.currentTimeMillis());

    void advance(Duration time) {
      millis.addAndGet(time.toMillis());
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis.get());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.fixed(instant(), zone);
    }
  }

  @Test
  void aLoginNamesItsDatabaseAndSchema() throws Exception {
    try (SnowflakeServer server = builder().start();
        Connection first = Client.connect(server)) {
      Client.run(first, "CREATE DATABASE SALES");
      Client.run(first, "CREATE SCHEMA SALES.RAW");
      Properties names = new Properties();
      names.setProperty("db", "sales");
      names.setProperty("schema", "raw");
      try (Connection second = Client.connect(server, names)) {
        assertEquals("SALES", Client.value(second, "SELECT CURRENT_DATABASE()"));
        assertEquals("RAW", Client.value(second, "SELECT CURRENT_SCHEMA()"));
        assertEquals("RAW", second.getSchema());
      }
      names.setProperty("db", "nosuch");
      try (Connection third = Client.connect(server, names)) {
        SQLException error =
            assertThrows(SQLException.class, () -> Client.run(third, "CREATE TABLE T (A INT)"));
        assertEquals(90105, error.getErrorCode());
      }
    }
  }

  @Test
  void closeMayBeCalledAgainAndEndsTheSessions() throws Exception {
    SnowflakeServer server = builder().start();
    Connection connection = Client.connect(server);
    server.close();
    server.close();
    assertThrows(SQLException.class, () -> Client.run(connection, "SELECT 1"));
    assertFalse(connection.isClosed());
  }
}
