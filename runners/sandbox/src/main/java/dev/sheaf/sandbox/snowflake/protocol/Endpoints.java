package dev.sheaf.sandbox.snowflake.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.sandbox.snowflake.engine.BoundValue;
import dev.sheaf.sandbox.snowflake.engine.PipeQueue;
import dev.sheaf.sandbox.snowflake.engine.Request;
import dev.sheaf.sandbox.snowflake.engine.Session;
import dev.sheaf.sandbox.snowflake.engine.Warehouse;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The paths that a Snowflake driver calls, each with what answers it. */
public final class Endpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How long a statement may run before the client is told to ask again. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Users users;
  private final Sessions sessions;
  private final Jobs jobs;
  private final Warehouse warehouse;
  private final Clock clock;
  private final PipeEndpoints pipes;
  private final Map<String, Answer> answers = new HashMap<>();

  /** Answers one request with a JSON document. */
  private interface Answer {
    byte[] to(Call call) throws IOException;
  }

  /** A request: its path, its query parameters, its token and its body. */
  private record Call(
      String path, Map<String, String> query, @Nullable String token, JsonNode body, String base) {}

  /**
   * @param pipes the files that pipes were given
   * @param threads what statements run on
   * @param timer what ends those that run too long
   */
  public Endpoints(
      Users users,
      Warehouse warehouse,
      Clock clock,
      Duration tokenLife,
      PipeQueue pipes,
      ExecutorService threads,
      ScheduledExecutorService timer) {
    this.users = users;
    this.warehouse = warehouse;
    this.clock = clock;
    this.sessions = new Sessions(warehouse, clock, tokenLife);
    this.jobs = new Jobs(threads, timer);
    this.pipes = new PipeEndpoints(users, pipes, clock);
    answers.put("/session/v1/login-request", this::login);
    answers.put("/session/token-request", this::renew);
    answers.put("/session/heartbeat", this::heartbeat);
    answers.put("/session", this::endSession);
    answers.put("/queries/v1/query-request", this::query);
    answers.put("/queries/v1/abort-request", this::abort);
  }

  /** Registers the paths. */
  public void register(HttpServer server) {
    server.createContext("/", this::handle);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (PipeEndpoints.serves(path)) {
        pipes.handle(exchange, query(exchange));
        return;
      }
      if (path.startsWith("/results/")) {
        chunk(exchange, path.substring("/results/".length()));
        return;
      }
      byte[] document;
      try {
        document = answer(path).to(call(exchange, path));
      } catch (SnowflakeException e) {
        document = Answers.failure(e, UUID.randomUUID().toString());
      }
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, document.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(document);
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("a request to {} failed", exchange.getRequestURI().getPath(), e);
      throw e;
    }
  }

  private Answer answer(String path) {
    Answer exact = answers.get(path);
    if (exact != null) {
      return exact;
    }
    if (path.startsWith("/queries/") && path.endsWith("/result")) {
      return this::resultOf;
    }
    if (path.startsWith("/monitoring/queries/")) {
      return this::monitor;
    }
    if (path.startsWith("/telemetry/")) {
      return call -> Answers.success(json -> {});
    }
    return call -> {
      throw SnowflakeException.unsupported("the request " + path);
    };
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(
              pair.substring(0, equals),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
      }
    }
    return query;
  }

  private static Call call(HttpExchange exchange, String path) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String token = null;
    if (header != null && header.contains("Token=\"")) {
      int start = header.indexOf("Token=\"") + 7;
      int end = header.indexOf('"', start);
      token = end < 0 ? null : header.substring(start, end);
    }
    JsonNode body = body(exchange);
    String host = exchange.getRequestHeaders().getFirst("Host");
    return new Call(path, query(exchange), token, body, "http://" + host);
  }

  private static JsonNode body(HttpExchange exchange) throws IOException {
    boolean gzip =
        "gzip".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream raw = exchange.getRequestBody()) {
      byte[] bytes = raw.readAllBytes();
      if (bytes.length == 0) {
        return JSON.createObjectNode();
      }
      if (!gzip) {
        return JSON.readTree(bytes);
      }
      try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(bytes))) {
        return JSON.readTree(in);
      }
    }
  }

  private byte[] login(Call call) throws IOException {
    JsonNode data = call.body().path("data");
    String name = data.path("LOGIN_NAME").asText("");
    String user;
    if (data.path("AUTHENTICATOR").asText("").equalsIgnoreCase("SNOWFLAKE_JWT")) {
      user = users.tokenUser(data.path("TOKEN").asText(""), clock);
      if (user == null) {
        throw new SnowflakeException(390144, "08001", "JWT token is invalid.");
      }
    } else {
      user = users.isPassword(name, data.path("PASSWORD").asText("")) ? name : null;
      if (user == null) {
        throw new SnowflakeException(
            390100, "08001", "Incorrect username or password was specified.");
      }
    }
    Sessions.Tokens tokens = sessions.open(user);
    tokens.session().start(call.query().get("databaseName"), call.query().get("schemaName"));
    data.path("SESSION_PARAMETERS")
        .fields()
        .forEachRemaining(
            entry -> {
              if (entry.getKey().equals("STATEMENT_TIMEOUT_IN_SECONDS")) {
                tokens.session().parameters().put(entry.getKey(), entry.getValue().asText());
              }
            });
    return Answers.success(json -> Answers.login(json, tokens));
  }

  private byte[] renew(Call call) throws IOException {
    Sessions.Tokens tokens = sessions.renew(call.token());
    return Answers.success(json -> Answers.renewal(json, tokens));
  }

  private byte[] heartbeat(Call call) throws IOException {
    sessions.find(call.token());
    return Answers.success(json -> {});
  }

  private byte[] endSession(Call call) throws IOException {
    String token = call.token();
    if (token != null && "true".equals(call.query().get("delete"))) {
      sessions.close(token);
    }
    return Answers.success(json -> {});
  }

  private byte[] query(Call call) throws IOException {
    Session session = sessions.find(call.token());
    JsonNode body = call.body();
    String id = call.query().getOrDefault("requestId", UUID.randomUUID().toString());
    Map<String, String> parameters = new HashMap<>();
    body.path("parameters")
        .fields()
        .forEachRemaining(entry -> parameters.put(entry.getKey(), entry.getValue().asText()));
    Request request =
        new Request(
            id,
            body.path("sqlText").asText(""),
            body.path("describeOnly").asBoolean(false),
            bindings(body.path("bindings")),
            parameters);
    return outcome(jobs.start(session, request), call.base());
  }

  private static List<BoundValue> bindings(JsonNode node) {
    List<BoundValue> bindings = new ArrayList<>();
    for (int i = 1; node.has(Integer.toString(i)); i++) {
      JsonNode binding = node.get(Integer.toString(i));
      JsonNode value = binding.path("value");
      List<@Nullable String> values = new ArrayList<>();
      if (value.isArray()) {
        value.forEach(item -> values.add(text(item)));
      } else {
        values.addAll(Collections.singletonList(text(value)));
      }
      bindings.add(new BoundValue(binding.path("type").asText("TEXT"), values, value.isArray()));
    }
    return bindings;
  }

  private static @Nullable String text(JsonNode value) {
    return value.isNull() || value.isMissingNode() ? null : value.asText();
  }

  private static byte[] outcome(Jobs.Job job, String base) throws IOException {
    if (!Jobs.await(job, PATIENCE)) {
      return Answers.running(job.queryId());
    }
    try {
      QueryResult result = Jobs.result(job);
      return Answers.success(
          json -> Answers.result(json, result, job.session(), job.queryId(), base));
    } catch (SnowflakeException e) {
      if (e.code() == 603) {
        LOG.warn("the statement {} failed", job.queryId(), e);
      }
      return Answers.failure(e, job.queryId());
    }
  }

  private Jobs.Job job(Call call, String queryId) {
    Session session = sessions.find(call.token());
    Jobs.Job job = jobs.byQuery(queryId);
    if (job == null || job.session() != session) {
      throw new SnowflakeException(709, "02000", "Statement " + queryId + " not found");
    }
    return job;
  }

  private byte[] resultOf(Call call) throws IOException {
    String path = call.path();
    String queryId = path.substring("/queries/".length(), path.length() - "/result".length());
    return outcome(job(call, queryId), call.base());
  }

  private byte[] monitor(Call call) throws IOException {
    String queryId = call.path().substring("/monitoring/queries/".length());
    Jobs.Job job = job(call, queryId);
    String status =
        !job.result().isDone()
            ? "RUNNING"
            : job.result().isCompletedExceptionally() ? "FAILED_WITH_ERROR" : "SUCCESS";
    return Answers.success(
        json -> {
          json.writeArrayFieldStart("queries");
          json.writeStartObject();
          json.writeStringField("id", queryId);
          json.writeStringField("status", status);
          json.writeStringField("sqlText", job.request().sql());
          json.writeStringField("sessionId", job.session().id());
          json.writeEndObject();
          json.writeEndArray();
        });
  }

  private byte[] abort(Call call) throws IOException {
    Session session = sessions.find(call.token());
    jobs.cancel(session, call.body().path("requestId").asText(""), "SQL execution canceled");
    return Answers.success(json -> {});
  }

  private void chunk(HttpExchange exchange, String key) throws IOException {
    Path file = warehouse.chunks().find(key);
    if (file == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, Files.size(file));
    try (OutputStream out = exchange.getResponseBody()) {
      Files.copy(file, out);
    }
  }

  /** Ends all sessions. */
  @Override
  public void close() {
    sessions.closeAll();
  }
}
