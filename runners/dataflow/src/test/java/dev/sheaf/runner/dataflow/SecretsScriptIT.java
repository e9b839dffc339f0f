package dev.sheaf.runner.dataflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images' script that fetches secrets, against stand-ins of Google's two addresses. */
final class SecretsScriptIT {
  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\nMII+/=\n-----END PRIVATE KEY-----\n";

  @TempDir private Path folder = Path.of("");

  private final HttpServer server = google();

  private static HttpServer google() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void start() {
    server.createContext(
        "/computeMetadata/v1/instance/service-accounts/default/token",
        call ->
            answer(
                call,
                "Google".equals(call.getRequestHeaders().getFirst("Metadata-Flavor")),
                "{\"access_token\":\"t.0-k\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"));
    server.createContext(
        "/v1/projects/p/secrets/key/versions/latest:access",
        call ->
            answer(
                call,
                "Bearer t.0-k".equals(call.getRequestHeaders().getFirst("Authorization")),
                "{\n  \"name\": \"projects/1/secrets/key/versions/3\",\n  \"payload\": {\n"
                    + "    \"data\": \""
                    + Base64.getEncoder().encodeToString(KEY.getBytes(StandardCharsets.UTF_8))
                    + "\",\n    \"dataCrc32c\": \"12\"\n  }\n}\n"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void answer(HttpExchange call, boolean allowed, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (call) {
      call.sendResponseHeaders(allowed ? 200 : 403, allowed ? bytes.length : -1);
      if (allowed) {
        call.getResponseBody().write(bytes);
      }
    }
  }

  private Process run(String secrets) throws Exception {
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    ProcessBuilder builder =
        new ProcessBuilder("../../docker/with-secrets.sh", "echo", "started with", "--id=1")
            .redirectErrorStream(true);
    builder.environment().put("SHEAF_METADATA_URL", address);
    builder.environment().put("SHEAF_SECRET_MANAGER_URL", address);
    builder.environment().put("SHEAF_SECRETS", secrets);
    builder.environment().put("no_proxy", "127.0.0.1");
    Process process = builder.start();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return process;
  }

  @Test
  void theSecretIsInItsFileBeforeTheCommandStarts() throws Exception {
    Path file = folder.resolve("run").resolve("key.pem");
    Process process = run(file + "=projects/p/secrets/key/versions/latest");
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("started with --id=1\n", printed);
    assertEquals(KEY, Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void withoutSecretsTheCommandJustStarts() throws Exception {
    assertEquals(0, run("").exitValue());
  }

  @Test
  void aSecretThatCannotBeReadStopsTheWorker() throws Exception {
    Path file = folder.resolve("key.pem");
    Process process = run(file + "=projects/p/secrets/other/versions/latest");
    assertTrue(process.exitValue() != 0);
    assertFalse(Files.exists(file));
  }
}
