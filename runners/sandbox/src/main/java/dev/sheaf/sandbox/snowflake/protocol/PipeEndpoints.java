package dev.sheaf.sandbox.snowflake.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.sheaf.sandbox.snowflake.engine.PipeFile;
import dev.sheaf.sandbox.snowflake.engine.PipeQueue;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Snowpipe's REST interface: {@code insertFiles}, {@code insertReport} and {@code loadHistoryScan}.
 * A request carries a token signed by the user's key; a password is not taken, as on the service.
 */
final class PipeEndpoints {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final Pattern PATH =
      Pattern.compile("/v1/data/pipes/(.+)/(insertFiles|insertReport|loadHistoryScan)");
  private static final Pattern MARK = Pattern.compile("1_(\\d{1,18})");
  private static final String BEARER = "Bearer ";
  private static final int MOST_FILES = 5000;

  private final Users users;
  private final PipeQueue queue;
  private final Clock clock;

  /** A refusal with its HTTP status. */
  private record Refusal(int status, String code, String message) {}

  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;

    RefusedException(int status, String code, String message) {
      super(message);
      this.refusal = new Refusal(status, code, message);
    }
  }

  PipeEndpoints(Users users, PipeQueue queue, Clock clock) {
    this.users = users;
    this.queue = queue;
    this.clock = clock;
  }

  static boolean serves(String path) {
    return PATH.matcher(path).matches();
  }

  void handle(HttpExchange exchange, Map<String, String> query) throws IOException {
    int status = 200;
    byte[] document;
    try {
      document = answer(exchange, query);
    } catch (RefusedException e) {
      Refusal refusal = Objects.requireNonNull(e.refusal);
      status = refusal.status();
      document = refused(refusal.code(), refusal.message());
    } catch (SnowflakeException e) {
      boolean missing = e.code() == 2003;
      status = missing ? 404 : 400;
      document = refused(missing ? "390404" : e.codeText(), String.valueOf(e.getMessage()));
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, document.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(document);
    }
  }

  private byte[] answer(HttpExchange exchange, Map<String, String> query)
      throws IOException, RefusedException {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    boolean bears = header != null && header.startsWith(BEARER);
    String token = bears ? String.valueOf(header).substring(BEARER.length()) : "";
    if (users.tokenUser(token, clock) == null) {
      throw new RefusedException(401, "390144", "JWT token is invalid.");
    }
    Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
    if (!path.matches()) {
      throw new RefusedException(404, "390404", "No such request.");
    }
    String pipe = path.group(1);
    return switch (path.group(2)) {
      case "insertFiles" -> insert(exchange, pipe, query.get("requestId"));
      case "insertReport" -> report(pipe, query.get("beginMark"));
      default -> history(pipe, query);
    };
  }

  private byte[] insert(HttpExchange exchange, String pipe, @Nullable String requestId)
      throws IOException, RefusedException {
    if (!exchange.getRequestMethod().equals("POST")) {
      throw new RefusedException(405, "390405", "insertFiles is a POST.");
    }
    JsonNode files = JSON.readTree(exchange.getRequestBody().readAllBytes()).path("files");
    List<String> paths = new ArrayList<>();
    files.forEach(file -> paths.add(file.isTextual() ? file.asText() : file.path("path").asText()));
    if (!files.isArray() || paths.size() > MOST_FILES || paths.contains("")) {
      throw new RefusedException(
          400, "391911", "insertFiles takes 1 to " + MOST_FILES + " files, each with a path.");
    }
    queue.insert(pipe, paths);
    return document(
        json -> {
          json.writeStringField("requestId", requestId);
          json.writeStringField("responseCode", "SUCCESS");
        });
  }

  private byte[] report(String pipe, @Nullable String beginMark)
      throws IOException, RefusedException {
    long after = 0;
    if (beginMark != null && !beginMark.isEmpty()) {
      Matcher mark = MARK.matcher(beginMark);
      if (!mark.matches()) {
        throw new RefusedException(400, "391912", "beginMark is not one that a report gave.");
      }
      after = Long.parseLong(mark.group(1));
    }
    List<PipeFile> files = queue.report(pipe, after);
    long next = files.isEmpty() ? after : files.get(files.size() - 1).mark();
    return document(
        json -> {
          json.writeStringField("pipe", PipeQueue.fullName(pipe));
          json.writeBooleanField("completeResult", true);
          json.writeStringField("nextBeginMark", "1_" + next);
          files(json, files);
          json.writeObjectFieldStart("statistics");
          json.writeNumberField("activeFilesCount", files.size());
          json.writeEndObject();
        });
  }

  private byte[] history(String pipe, Map<String, String> query)
      throws IOException, RefusedException {
    String start = query.get("startTimeInclusive");
    String end = query.get("endTimeExclusive");
    Instant from;
    Instant to;
    try {
      from = Instant.parse(String.valueOf(start));
      to = end == null || end.isEmpty() ? clock.instant() : Instant.parse(end);
    } catch (DateTimeException e) {
      throw new RefusedException(
          400, "391913", "loadHistoryScan takes startTimeInclusive in ISO-8601, found " + start);
    }
    List<PipeFile> files = queue.history(pipe, from, to);
    return document(
        json -> {
          json.writeStringField("pipe", PipeQueue.fullName(pipe));
          json.writeBooleanField("completeResult", true);
          json.writeStringField("startTimeInclusive", from.toString());
          json.writeStringField("endTimeExclusive", to.toString());
          json.writeStringField("rangeStartTime", from.toString());
          json.writeStringField("rangeEndTime", to.toString());
          files(json, files);
        });
  }

  private static void files(JsonGenerator json, List<PipeFile> files) throws IOException {
    json.writeArrayFieldStart("files");
    for (PipeFile file : files) {
      json.writeStartObject();
      json.writeStringField("path", file.path());
      json.writeStringField("stageLocation", file.stageLocation());
      json.writeNumberField("fileSize", file.fileSize());
      json.writeStringField("timeReceived", file.received().toString());
      json.writeStringField("lastInsertTime", file.inserted().toString());
      json.writeNumberField("rowsInserted", file.rowsInserted());
      json.writeNumberField("rowsParsed", file.rowsParsed());
      json.writeNumberField("errorsSeen", file.errorsSeen());
      json.writeNumberField("errorLimit", 1);
      if (file.firstError() != null) {
        json.writeStringField("firstError", file.firstError());
      }
      Long line = file.firstErrorLine();
      if (line != null) {
        json.writeNumberField("firstErrorLineNum", line);
        json.writeNumberField("firstErrorCharacterPos", 1);
      }
      if (file.firstErrorColumn() != null) {
        json.writeStringField("firstErrorColumnName", file.firstErrorColumn());
      }
      if (file.systemError() != null) {
        json.writeStringField("systemError", file.systemError());
      }
      json.writeBooleanField("complete", true);
      json.writeStringField("status", file.status());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static byte[] refused(String code, String message) throws IOException {
    return document(
        json -> {
          json.writeNullField("data");
          json.writeStringField("code", code);
          json.writeStringField("message", message);
          json.writeBooleanField("success", false);
        });
  }

  private static byte[] document(Answers.Data data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      data.write(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
