package dev.sheaf.sandbox.snowflake.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sheaf.sandbox.snowflake.engine.Session;
import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The JSON documents that answer requests. */
final class Answers {
  private static final JsonFactory JSON = new JsonFactory();

  private Answers() {}

  /** Writes the content of {@code data}. */
  interface Data {
    void write(JsonGenerator json) throws IOException;
  }

  static byte[] success(Data data) throws IOException {
    return document(true, null, null, data);
  }

  static byte[] failure(SnowflakeException error, String queryId) throws IOException {
    boolean login = error.code() >= 390_000 && error.code() < 400_000;
    String code = login ? Integer.toString(error.code()) : error.codeText();
    return document(
        false,
        code,
        error.getMessage(),
        json -> {
          json.writeStringField("errorCode", code);
          json.writeStringField("sqlState", error.sqlState());
          json.writeStringField("queryId", queryId);
          json.writeBooleanField("internalError", false);
          json.writeNumberField("line", -1);
          json.writeNumberField("pos", -1);
          json.writeStringField("type", "COMPILATION");
        });
  }

  /** The statement still runs: the client asks for its result at that path. */
  static byte[] running(String queryId) throws IOException {
    return document(
        true,
        "333333",
        "Query in progress.",
        json -> {
          json.writeStringField("queryId", queryId);
          json.writeStringField("getResultUrl", "/queries/" + queryId + "/result");
          json.writeNullField("queryAbortsAfterSecs");
        });
  }

  private static byte[] document(
      boolean success, @Nullable String code, @Nullable String message, Data data)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("data");
      data.write(json);
      json.writeEndObject();
      json.writeStringField("code", code);
      json.writeStringField("message", message);
      json.writeBooleanField("success", success);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  static void login(JsonGenerator json, Sessions.Tokens tokens) throws IOException {
    Session session = tokens.session();
    json.writeStringField("token", tokens.token());
    json.writeStringField("masterToken", tokens.master());
    json.writeNumberField("validityInSeconds", tokens.seconds());
    json.writeNumberField("masterValidityInSeconds", tokens.seconds() * 4);
    json.writeStringField("displayUserName", session.user());
    json.writeStringField("serverVersion", "9.0.0");
    json.writeBooleanField("firstLogin", false);
    json.writeNumberField("healthCheckInterval", 45);
    json.writeNumberField("sessionId", Long.parseLong(session.id()));
    json.writeObjectFieldStart("sessionInfo");
    names(json, "", session);
    json.writeEndObject();
    parameters(json, session);
  }

  /** The new tokens of a session that goes on. */
  static void renewal(JsonGenerator json, Sessions.Tokens tokens) throws IOException {
    json.writeStringField("sessionToken", tokens.token());
    json.writeStringField("masterToken", tokens.master());
    json.writeNumberField("validityInSecondsST", tokens.seconds());
    json.writeNumberField("validityInSecondsMT", tokens.seconds() * 4);
    json.writeNumberField("sessionId", Long.parseLong(tokens.session().id()));
  }

  private static void names(JsonGenerator json, String prefix, Session session) throws IOException {
    boolean bare = prefix.isEmpty();
    json.writeStringField(bare ? "databaseName" : prefix + "DatabaseName", session.database());
    json.writeStringField(bare ? "schemaName" : prefix + "SchemaName", session.schema());
    json.writeStringField(
        bare ? "warehouseName" : prefix + "WarehouseName", session.virtualWarehouse());
    json.writeStringField(bare ? "roleName" : prefix + "RoleName", session.role());
  }

  private static void parameters(JsonGenerator json, Session session) throws IOException {
    json.writeArrayFieldStart("parameters");
    parameter(
        json, "AUTOCOMMIT", session.parameters().getOrDefault("AUTOCOMMIT", "true").equals("true"));
    parameter(json, "TIMEZONE", session.parameters().getOrDefault("TIMEZONE", "UTC"));
    parameter(json, "CLIENT_TELEMETRY_ENABLED", false);
    parameter(json, "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", 0);
    parameter(json, "CLIENT_SESSION_KEEP_ALIVE", false);
    parameter(json, "CLIENT_RESULT_CHUNK_SIZE", 160);
    parameter(json, "CLIENT_PREFETCH_THREADS", 4);
    parameter(json, "CLIENT_MEMORY_LIMIT", 1536);
    parameter(json, "CLIENT_TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_LTZ");
    parameter(json, "CLIENT_HONOR_CLIENT_TZ_FOR_TIMESTAMP_NTZ", true);
    parameter(json, "JDBC_QUERY_RESULT_FORMAT", "JSON");
    parameter(json, "TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM");
    parameter(json, "TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3");
    parameter(json, "TIMESTAMP_LTZ_OUTPUT_FORMAT", "");
    parameter(json, "TIMESTAMP_TZ_OUTPUT_FORMAT", "");
    parameter(json, "DATE_OUTPUT_FORMAT", "YYYY-MM-DD");
    parameter(json, "TIME_OUTPUT_FORMAT", "HH24:MI:SS");
    parameter(json, "BINARY_OUTPUT_FORMAT", "HEX");
    json.writeEndArray();
  }

  private static void parameter(JsonGenerator json, String name, Object value) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    if (value instanceof Boolean bool) {
      json.writeBooleanField("value", bool);
    } else if (value instanceof Integer number) {
      json.writeNumberField("value", number);
    } else {
      json.writeStringField("value", String.valueOf(value));
    }
    json.writeEndObject();
  }

  /** A statement's result; chunks are fetched under {@code base}. */
  static void result(
      JsonGenerator json, QueryResult result, Session session, String queryId, String base)
      throws IOException {
    parameters(json, session);
    json.writeArrayFieldStart("rowtype");
    for (Column column : result.columns()) {
      column(json, column);
    }
    json.writeEndArray();
    json.writeFieldName("rowset");
    json.writeRawValue(result.rowset());
    json.writeNumberField("total", result.total());
    json.writeNumberField("returned", result.total());
    json.writeStringField("queryId", queryId);
    json.writeStringField("queryResultFormat", "json");
    json.writeNumberField("statementTypeId", result.statementTypeId());
    json.writeNumberField("version", 1);
    json.writeNumberField("numberOfBinds", result.bindings());
    json.writeBooleanField("arrayBindSupported", result.statementTypeId() == QueryResult.INSERT);
    json.writeArrayFieldStart("metaDataOfBinds");
    for (int i = 0; i < result.bindings(); i++) {
      column(json, Column.of("", SnowflakeType.TEXT));
    }
    json.writeEndArray();
    names(json, "final", session);
    if (!result.chunks().isEmpty()) {
      chunks(json, result, base);
    }
  }

  private static void chunks(JsonGenerator json, QueryResult result, String base)
      throws IOException {
    json.writeArrayFieldStart("chunks");
    for (QueryResult.Chunk chunk : result.chunks()) {
      json.writeStartObject();
      json.writeStringField("url", base + chunk.path());
      json.writeNumberField("rowCount", chunk.rows());
      json.writeNumberField("uncompressedSize", chunk.uncompressedSize());
      json.writeNumberField("compressedSize", chunk.compressedSize());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("chunkHeaders");
    json.writeEndObject();
  }

  private static void column(JsonGenerator json, Column column) throws IOException {
    SnowflakeType type = column.type();
    json.writeStartObject();
    json.writeStringField("name", column.name());
    json.writeStringField("database", "");
    json.writeStringField("schema", "");
    json.writeStringField("table", "");
    json.writeStringField("type", type.wireName());
    json.writeBooleanField("nullable", column.nullable());
    boolean numeric = type.kind() == SnowflakeType.Kind.FIXED;
    boolean scaled = numeric || type.scale() > 0 || type.precision() > 0 || isTime(type);
    if (numeric) {
      json.writeNumberField("precision", type.precision());
    } else {
      json.writeNumberField("precision", isTime(type) ? 0 : 38);
    }
    json.writeNumberField("scale", scaled ? type.scale() : 0);
    if (type.length() > 0) {
      boolean text = type.kind() == SnowflakeType.Kind.TEXT;
      json.writeNumberField("length", type.length());
      json.writeNumberField(
          "byteLength", Math.min(text ? 4L * type.length() : type.length(), 16_777_216L));
    } else {
      json.writeNullField("length");
      json.writeNullField("byteLength");
    }
    json.writeNullField("collation");
    json.writeEndObject();
  }

  private static boolean isTime(SnowflakeType type) {
    return switch (type.kind()) {
      case TIME, TIMESTAMP_NTZ, TIMESTAMP_LTZ, TIMESTAMP_TZ -> true;
      default -> false;
    };
  }
}
