package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.copy.CopyOptions;
import dev.sheaf.sandbox.snowflake.copy.CsvFormat;
import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Conversions;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * COPY INTO a table. The rows go in by DuckDB's own reader; where it fails, or where bad rows are
 * to be skipped, {@link SlowLoad} reads them one by one and says which is bad.
 */
final class Load {
  private static final Logger LOG = LoggerFactory.getLogger(Load.class);
  private static final Set<String> CHOICES = Set.of("ABORT_STATEMENT", "CONTINUE", "SKIP_FILE");

  /** What is to be loaded, and how. */
  record Plan(
      TableName table,
      List<StoredColumn> columns,
      @Nullable Statement select,
      List<Path> files,
      CsvFormat format,
      String onError) {}

  private Load() {}

  static QueryResult run(Context context, Statement statement) throws SQLException {
    Source source = source(context, statement);
    if (context.request().describeOnly()) {
      return result(List.of());
    }
    Plan plan = plan(context, source);
    if (plan.files().isEmpty()) {
      return QueryResult.status(QueryResult.COPY, "Copy executed with 0 files processed.");
    }
    List<List<@Nullable String>> rows = rows(context, plan);
    if (source.options().isTrue("PURGE", "FALSE")) {
      purge(plan.files());
    }
    return result(rows);
  }

  /** What a COPY names, checked against the table as it is. */
  record Source(
      TableName table,
      List<StoredColumn> columns,
      @Nullable Statement select,
      Token from,
      CopyOptions options) {}

  static Source source(Context context, Statement statement) throws SQLException {
    int at = statement.nameEnd(2);
    TableName table = TableName.resolve(context.session(), statement.name(2));
    List<StoredColumn> columns = StoredColumn.required(context, table);
    if (statement.hasSymbol(at, "(")) {
      int close = statement.closing(at);
      columns = StoredColumn.named(columns, Writes.names(statement.part(at + 1, close)));
      at = close + 1;
    }
    if (!statement.hasWords(at, "FROM")) {
      throw SnowflakeException.syntax("syntax error line 1: COPY INTO a table needs FROM.");
    }
    Statement select = null;
    Token from = statement.at(at + 1);
    int end = at + 2;
    if (from.isSymbol("(")) {
      end = statement.closing(at + 1) + 1;
      Statement inner = statement.part(at + 2, end - 1);
      int source = inner.find(0, "FROM");
      if (source < 0 || source + 1 >= inner.size()) {
        throw SnowflakeException.syntax("syntax error line 1: the SELECT needs FROM.");
      }
      from = inner.at(source + 1);
      select = inner.part(1, source);
    }
    return new Source(table, columns, select, from, CopyOptions.parse(statement.from(end)));
  }

  /** What is to be loaded: the files that are there now. */
  static Plan plan(Context context, Source source) throws SQLException {
    CopyOptions options = source.options();
    String onError = options.text("ON_ERROR", "ABORT_STATEMENT").toUpperCase(Locale.ROOT);
    if (!CHOICES.contains(onError)) {
      throw CopyOptions.invalid("ON_ERROR", onError, "ABORT_STATEMENT, CONTINUE or SKIP_FILE");
    }
    List<Path> files =
        Stages.location(context, source.from())
            .files(options.list("FILES"), options.text("PATTERN"));
    return new Plan(
        source.table(), source.columns(), source.select(), files, CsvFormat.of(options), onError);
  }

  private static void purge(List<Path> files) {
    for (Path file : files) {
      try {
        Files.delete(file);
      } catch (IOException e) {
        throw new SnowflakeException(
            100016, "22000", "The rows are loaded, but '" + file + "' cannot be deleted.", e);
      }
    }
  }

  /**
   * Loads the files; where all records are good, it makes no difference what is done with bad ones.
   */
  static List<List<@Nullable String>> rows(Context context, Plan plan) throws SQLException {
    if (!plan.format().readableByDuck()) {
      return SlowLoad.run(context, plan);
    }
    int fields = Staging.fields(plan);
    try {
      return context
          .transactions()
          .write(null, context.running(), () -> fast(context, plan, fields));
    } catch (SQLException | SnowflakeException e) {
      if (context.running().isStopped()) {
        throw e;
      }
      LOG.info("loading {} record by record, as DuckDB's reader failed", plan.table(), e);
      return SlowLoad.run(context, plan);
    }
  }

  private static List<List<@Nullable String>> fast(Context context, Plan plan, int fields)
      throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (Path file : plan.files()) {
      long count = 0;
      if (hasContent(file)) {
        boolean gzip = plan.format().gzipped(file.toString());
        String source = plan.format().duckRead(List.of(file.toString()), fields, gzip);
        count = context.update(insert(context, plan, source, fields));
      }
      String number = Long.toString(count);
      rows.add(row(file.toString(), "LOADED", number, number, 0, null, null, null));
    }
    return rows;
  }

  private static boolean hasContent(Path file) {
    try {
      return Files.size(file) > 0;
    } catch (IOException e) {
      return true;
    }
  }

  static List<@Nullable String> row(
      String file,
      String status,
      String parsed,
      String loaded,
      long errors,
      @Nullable String firstError,
      @Nullable String line,
      @Nullable String column) {
    return Arrays.asList(
        file,
        status,
        parsed,
        loaded,
        errors == 0 && status.equals("LOADED") ? "1" : Long.toString(errors + 1),
        Long.toString(errors),
        firstError,
        line,
        line == null ? null : "1",
        column);
  }

  /** The statement that fills the table from text columns c0, c1, .... */
  static String insert(Context context, Plan plan, String source, int fields) throws SQLException {
    List<String> values = values(context, plan, source, fields);
    StringBuilder names = new StringBuilder();
    for (StoredColumn column : plan.columns()) {
      names.append(names.length() == 0 ? "" : ", ").append(Token.identifier(column.name()));
    }
    return "INSERT INTO "
        + plan.table().sql()
        + " ("
        + names
        + ") SELECT "
        + String.join(", ", values)
        + " FROM "
        + source;
  }

  /** The values of the table's columns, from text columns c0, c1, .... */
  static List<String> values(Context context, Plan plan, String source, int fields)
      throws SQLException {
    if (plan.select() != null) {
      return selected(context, plan, source, fields);
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < plan.columns().size(); i++) {
      values.add(value("c" + i, plan.columns().get(i).type()));
    }
    return values;
  }

  /** The conversion of a field's text to a column's type. */
  static String value(String text, SnowflakeType type) {
    return switch (type.kind()) {
      case VARIANT, OBJECT, ARRAY -> "sf_json_of(" + text + ")";
      default -> Conversions.assign(text, "VARCHAR", type);
    };
  }

  /** The conversions of a COPY's own SELECT list. */
  private static List<String> selected(Context context, Plan plan, String source, int fields)
      throws SQLException {
    Statement select = plan.select();
    List<String> values = new ArrayList<>();
    if (select == null) {
      return values;
    }
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < select.size(); i++) {
      Token token = select.at(i);
      boolean alias =
          token.isName()
              && select.hasSymbol(i + 1, ".")
              && i + 2 < select.size()
              && select.at(i + 2).kind() == Token.Kind.POSITION;
      if (alias) {
        i++;
        continue;
      }
      tokens.add(token.kind() == Token.Kind.POSITION ? field(token, fields) : token);
    }
    Statement list = SessionFunctions.resolved(context.session(), new Statement(tokens));
    List<Statement> items = list.commaParts();
    if (items.size() != plan.columns().size()) {
      throw SnowflakeException.compilation(
          "Insert value list does not match column list expecting "
              + plan.columns().size()
              + " but got "
              + items.size());
    }
    for (int i = 0; i < items.size(); i++) {
      Statement item = items.get(i);
      int as = item.find(0, "AS");
      String sql = dev.sheaf.sandbox.snowflake.sql.Dialect.sql(as < 0 ? item : item.part(0, as));
      List<Column> given = context.describe("SELECT " + sql + " FROM " + source);
      SnowflakeType target = plan.columns().get(i).type();
      String type = given.get(0).duckType();
      values.add(
          type.equals("VARCHAR") ? value(sql, target) : Conversions.assign(sql, type, target));
    }
    return values;
  }

  private static Token field(Token position, int fields) {
    int number = Integer.parseInt(position.text());
    return Token.raw(number <= fields ? "c" + (number - 1) : "CAST(NULL AS VARCHAR)");
  }

  static QueryResult result(List<List<@Nullable String>> rows) {
    SnowflakeType number = SnowflakeType.number(38, 0);
    return QueryResult.of(
        QueryResult.COPY,
        List.of(
            Column.of("file", SnowflakeType.TEXT),
            Column.of("status", SnowflakeType.TEXT),
            Column.of("rows_parsed", number),
            Column.of("rows_loaded", number),
            Column.of("error_limit", number),
            Column.of("errors_seen", number),
            Column.of("first_error", SnowflakeType.TEXT),
            Column.of("first_error_line", number),
            Column.of("first_error_character", number),
            Column.of("first_error_column_name", SnowflakeType.TEXT)),
        rows);
  }
}
