package dev.sheaf.transforms.snowflake;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.snowflake.client.jdbc.SnowflakeDriver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login by key that ends. The driver (3.26.1) tries one for ever, whatever its time limits are,
 * while there is no answer; only a login by password obeys them.
 */
final class KeyLogin {
  private static final Logger LOG = LoggerFactory.getLogger(KeyLogin.class);
  private static final String UNREACHABLE = "08001";

  private KeyLogin() {}

  /** Asks the service for any answer first, so that a login that would not end is rare. */
  static @Nullable Connection connect(URI base, String url, Properties properties, Duration limit)
      throws SQLException {
    long end = System.nanoTime() + limit.toNanos();
    probe(base, limit);
    CompletableFuture<@Nullable Connection> login = new CompletableFuture<>();
    Thread thread = new Thread(() -> connect(url, properties, login), "sheaf-login");
    thread.setDaemon(true);
    thread.start();
    try {
      return login.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException refused) {
        throw refused;
      }
      throw new SQLException("the driver failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      login.completeExceptionally(e);
      throw new SQLException("no answer to a login within " + limit, UNREACHABLE, e);
    } catch (InterruptedException e) {
      login.completeExceptionally(e);
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted during a login", UNREACHABLE, e);
    }
  }

  private static void probe(URI base, Duration limit) throws SQLException {
    HttpClient http = HttpClient.newBuilder().connectTimeout(limit).build();
    try {
      http.send(
          HttpRequest.newBuilder(base.resolve("/")).timeout(limit).build(),
          BodyHandlers.discarding());
    } catch (IOException e) {
      throw new SQLException("no answer from " + base + ": " + e, UNREACHABLE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted before a login", UNREACHABLE, e);
    }
  }

  private static void connect(
      String url, Properties properties, CompletableFuture<@Nullable Connection> login) {
    try {
      Connection opened = new SnowflakeDriver().connect(url, properties);
      if (!login.complete(opened) && opened != null) {
        opened.close();
      }
    } catch (SQLException | RuntimeException | Error e) {
      if (!login.completeExceptionally(e)) {
        LOG.debug("a login that was given up failed", e);
      }
    }
  }
}
