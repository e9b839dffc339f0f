package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Login by key pair with the real driver, the private key read from a file. */
final class KeyPairIT {
  @TempDir private Path folder = Path.of("");

  private static KeyPair pair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private Path pem(KeyPair pair) throws Exception {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPrivate().getEncoded());
    return Files.writeString(
        folder.resolve("key.p8"),
        "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n");
  }

  @Test
  void theOwnerOfTheKeyIsLetInAndAnotherIsNot() throws Exception {
    KeyPair right = pair();
    KeyPair wrong = pair();
    try (SnowflakeServer server =
        SnowflakeServer.inMemory().withUser("robot", right.getPublic()).start()) {
      SnowflakeConnection connection =
          SnowflakeConnection.to(server.jdbcUrl())
              .withUser("robot")
              .withKeyPair(Secret.fromFile(pem(right)))
              .withDatabase("SANDBOX")
              .withSchema("PUBLIC")
              .withStaging(folder + "/");
      // As a worker gets it.
      SnowflakeConnection sent = SerializableUtils.clone(connection);
      try (Connection opened = sent.open();
          Statement statement = opened.createStatement();
          ResultSet rows = statement.executeQuery("select 7")) {
        assertTrue(rows.next());
        assertEquals(7, rows.getInt(1));
      }
      SnowflakeConnection other = connection.withKeyPair(Secret.fromFile(pem(wrong)));
      SnowflakeException refused = assertThrows(SnowflakeException.class, other::open);
      assertEquals(SnowflakeException.Kind.AUTHENTICATION, refused.kind());
    }
  }

  @Test
  void aLoginWithoutAnAnswerEnds() throws Exception {
    SnowflakeConnection connection =
        SnowflakeConnection.to("jdbc:snowflake://127.0.0.1:1/?ssl=off&account=local")
            .withUser("robot")
            .withKeyPair(Secret.fromFile(pem(pair())))
            .withLoginTimeout(Duration.ofSeconds(1));
    assertUnreachable(connection, "no answer from http://127.0.0.1:1");
    CountDownLatch end = new CountDownLatch(1);
    HttpServer hanging =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hanging.createContext("/", KeyPairIT::answer);
    hanging.createContext(
        "/session",
        exchange -> {
          try (exchange) {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    ExecutorService threads = Executors.newCachedThreadPool();
    hanging.setExecutor(threads);
    hanging.start();
    try {
      assertUnreachable(
          SnowflakeConnection.to(
                  "jdbc:snowflake://127.0.0.1:"
                      + hanging.getAddress().getPort()
                      + "/?ssl=off&account=local")
              .withUser("robot")
              .withKeyPair(Secret.fromFile(folder.resolve("key.p8")))
              .withLoginTimeout(Duration.ofSeconds(5)),
          "no answer to a login within PT5S");
    } finally {
      end.countDown();
      hanging.stop(0);
      threads.shutdownNow();
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static void assertUnreachable(SnowflakeConnection connection, String message) {
    SnowflakeException failed =
        assertTimeoutPreemptively(
            Duration.ofSeconds(30), () -> assertThrows(SnowflakeException.class, connection::open));
    assertEquals(SnowflakeException.Kind.UNREACHABLE, failed.kind(), failed.getMessage());
    assertTrue(String.valueOf(failed.getMessage()).contains(message), failed.getMessage());
  }
}
