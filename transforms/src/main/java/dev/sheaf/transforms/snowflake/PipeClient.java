package dev.sheaf.transforms.snowflake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.transforms.snowflake.SnowflakeException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Snowpipe's REST requests for one pipe, each with a time limit.
 *
 * <p>They are those of Snowflake's own SimpleIngestManager, which SnowflakeIO uses, but that waits
 * for an answer without limit, repeats requests on its own, and takes no server but by https.
 *
 * <p>A failure that may pass (no answer, too many requests, an error of the service) is {@link
 * Kind#UNREACHABLE}.
 */
final class PipeClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONGEST_REQUEST = Duration.ofMinutes(1);

  private final SnowflakeConnection connection;
  private final RestAddress address;
  private final String pipe;
  private final Clock clock;
  private final HttpClient http;
  private @Nullable PipeToken token;

  /**
   * A client.
   *
   * @param pipe the pipe's full name, as SQL writes it
   */
  PipeClient(SnowflakeConnection connection, String pipe, Duration connectLimit, Clock clock) {
    this.connection = connection;
    this.address = RestAddress.of(connection);
    this.pipe = pipe;
    this.clock = clock;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connectLimit)
            .build();
  }

  /** Has the pipe load files of its stage; those that it was given before are left out. */
  void insert(List<String> names) throws InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode files = body.putArray("files");
    names.forEach(name -> files.addObject().put("path", name));
    send(
        request("insertFiles?requestId=" + UUID.randomUUID())
            .POST(BodyPublishers.ofString(body.toString()))
            .build());
  }

  /** What became of files lately: for ten minutes, as the service promises. */
  PipeReport report(String mark) throws InterruptedException {
    String begin = mark.isEmpty() ? "" : "&beginMark=" + encoded(mark);
    return PipeReport.of(
        send(request("insertReport?requestId=" + UUID.randomUUID() + begin).build()));
  }

  /** What became of files since then, up to two weeks ago; not to be asked every second. */
  PipeReport history(Instant since) throws InterruptedException {
    return PipeReport.of(
        send(
            request(
                    "loadHistoryScan?requestId="
                        + UUID.randomUUID()
                        + "&startTimeInclusive="
                        + encoded(since.truncatedTo(ChronoUnit.MILLIS).toString()))
                .build()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String rest) {
    return HttpRequest.newBuilder(
            URI.create(address.base() + "/v1/data/pipes/" + encoded(pipe) + "/" + rest))
        .timeout(LONGEST_REQUEST)
        .header("Authorization", "Bearer " + token())
        .header("X-Snowflake-Authorization-Token-Type", "KEYPAIR_JWT")
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("User-Agent", "Sheaf");
  }

  private synchronized String token() {
    Instant now = clock.instant();
    if (token == null || !now.isBefore(token.end())) {
      token = PipeToken.sign(address.account(), address.user(), connection.privateKey(), now);
    }
    return token.text();
  }

  private JsonNode send(HttpRequest request) throws InterruptedException {
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() == 200) {
        return JSON.readTree(response.body());
      }
    } catch (IOException e) {
      throw failure(Kind.UNREACHABLE, SnowflakeException.oneLine(e.toString()), e);
    }
    int status = response.statusCode();
    boolean passes = status == 429 || status == 408 || status >= 500;
    Kind kind =
        passes
            ? Kind.UNREACHABLE
            : status == 401 || status == 403 ? Kind.AUTHENTICATION : Kind.STATEMENT;
    throw failure(kind, "HTTP " + status + ", " + message(response.body()), null);
  }

  private static String message(String body) {
    try {
      return SnowflakeException.oneLine(JSON.readTree(body).path("message").asText(body));
    } catch (IOException e) {
      return SnowflakeException.oneLine(body);
    }
  }

  private SnowflakeException failure(Kind kind, String said, @Nullable Throwable cause) {
    return new SnowflakeException(
        kind, "Cannot load through pipe " + pipe + " of " + connection + ": " + said, cause);
  }
}
