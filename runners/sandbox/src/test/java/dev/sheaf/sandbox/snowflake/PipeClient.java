package dev.sheaf.sandbox.snowflake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/** Snowpipe's REST calls as its documentation describes them. */
final class PipeClient {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofMillis(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final String token;

  record Answer(int status, JsonNode body) {}

  PipeClient(SnowflakeServer server, KeyPair keys) throws Exception {
    this.port = server.port();
    this.token = token("LOCAL.ROBOT", keys);
  }

  static KeyPair keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static String token(String subject, KeyPair keys) throws Exception {
    long now = Instant.now().getEpochSecond();
    String signed =
        part(Map.of("alg", "RS256"))
            + "."
            + part(
                Map.of("sub", subject, "iss", subject + ".SHA256:x", "iat", now, "exp", now + 600));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  private static String part(Map<String, Object> content) throws Exception {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(content));
  }

  Answer insert(String pipe, String... paths) throws Exception {
    List<Map<String, String>> files = new ArrayList<>();
    for (String path : paths) {
      files.add(Map.of("path", path));
    }
    return send(
        request(pipe + "/insertFiles?requestId=" + UUID.randomUUID())
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    JSON.writeValueAsBytes(Map.of("files", files)))));
  }

  Answer report(String pipe, String beginMark) throws Exception {
    return send(request(pipe + "/insertReport?beginMark=" + beginMark));
  }

  Answer history(String pipe, String from) throws Exception {
    return send(
        request(
            pipe
                + "/loadHistoryScan?startTimeInclusive="
                + URLEncoder.encode(from, StandardCharsets.UTF_8)));
  }

  private HttpRequest.Builder request(String rest) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/data/pipes/" + rest))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json");
  }

  private Answer send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  /** The report once it tells of that many files. */
  List<JsonNode> ended(String pipe, int files) throws Exception {
    Instant end = Instant.now().plus(LIMIT);
    while (true) {
      List<JsonNode> found = new ArrayList<>();
      report(pipe, "").body().path("files").forEach(found::add);
      if (found.size() >= files) {
        return found;
      }
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("only " + found + " after " + LIMIT);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
