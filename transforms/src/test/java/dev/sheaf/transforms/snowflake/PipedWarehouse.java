package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A local server in a file, which can go down and come back, and a user with a key. */
final class PipedWarehouse implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final KeyPair KEYS = keys();

  private final Path folder;
  private final UnaryOperator<SnowflakeServer.Builder> settings;
  private final SnowflakeConnection connection;
  private final int port;
  private SnowflakeServer server;
  private @Nullable Connection opened;

  PipedWarehouse(Path folder) throws IOException {
    this(folder, UnaryOperator.identity());
  }

  PipedWarehouse(Path folder, UnaryOperator<SnowflakeServer.Builder> settings) throws IOException {
    this.folder = folder;
    this.settings = settings;
    this.server = start(0);
    this.port = server.port();
    Files.createDirectories(folder.resolve("staging"));
    this.connection =
        SnowflakeConnection.to(server.jdbcUrl())
            .withUser("robot")
            .withKeyPair(Secret.fromFile(pem(folder)))
            .withDatabase("SANDBOX")
            .withSchema("PUBLIC")
            .withStaging(folder.resolve("staging") + "/");
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The user's private key, in a file. */
  static Path pem(Path folder) throws IOException {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(KEYS.getPrivate().getEncoded());
    return Files.writeString(
        folder.resolve("key.p8"),
        "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n");
  }

  private SnowflakeServer start(int onPort) {
    return settings
        .apply(
            SnowflakeServer.at(folder.resolve("warehouse.duckdb"))
                .withUser("robot", KEYS.getPublic())
                .withPort(onPort))
        .start();
  }

  static KeyPair keyPair() {
    return KEYS;
  }

  SnowflakeConnection connection() {
    return connection;
  }

  SnowflakeServer server() {
    return server;
  }

  void down() throws SQLException {
    disconnect();
    server.close();
  }

  /** One connection for all statements: a login costs more than most of them. */
  private Connection opened() {
    if (opened == null) {
      opened = connection.open();
    }
    return opened;
  }

  private void disconnect() throws SQLException {
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  void up() {
    server = start(port);
  }

  void execute(String... statements) throws SQLException {
    try (Statement statement = opened().createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  List<List<@Nullable String>> query(String sql) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Statement statement = opened().createStatement();
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

  /** The only value of a query. */
  String value(String sql) throws SQLException {
    return String.valueOf(query(sql).get(0).get(0));
  }

  /** The files of a pipe that are not yet reported as loaded, or not yet handed over. */
  List<Path> pending(String pipe) throws IOException {
    Path place = folder.resolve("staging/sheaf-pipe-SANDBOX.PUBLIC." + pipe);
    if (!Files.exists(place)) {
      return List.of();
    }
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        place,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) { // taken or deleted just now
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
              throws IOException {
            return e instanceof NoSuchFileException
                ? FileVisitResult.CONTINUE
                : super.postVisitDirectory(folder, e);
          }
        });
    files.sort(null);
    return files;
  }

  /** Waits until something is so. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.call()) {
      if (Instant.now().isAfter(end)) {
        fail("not within " + PATIENCE + ": " + what);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  @Override
  public void close() throws SQLException {
    disconnect();
    server.close();
  }
}
