package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.engine.Load.Plan;
import dev.sheaf.sandbox.snowflake.engine.Staging.Fault;
import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Loads files record by record. Each file is first read on a connection of its own, where bad
 * records can fail without harm; then the good ones go into the table.
 */
final class SlowLoad {
  private final Context context;
  private final Plan plan;
  private final int fields;

  /** What is wrong with a file, and on which lines. */
  private record Report(long parsed, Set<Long> badLines, @Nullable Fault first) {}

  private SlowLoad(Context context, Plan plan) {
    this.context = context;
    this.plan = plan;
    this.fields = Staging.fields(plan);
  }

  static List<List<@Nullable String>> run(Context context, Plan plan) throws SQLException {
    return new SlowLoad(context, plan).run();
  }

  private List<List<@Nullable String>> run() throws SQLException {
    Map<Path, Report> reports = new LinkedHashMap<>();
    try (DuckDBConnection probe = context.session().probe()) {
      for (Path file : plan.files()) {
        Report report = report(context.on(probe), file);
        Fault first = report.first();
        if (first != null && plan.onError().equals("ABORT_STATEMENT")) {
          throw located(first, file);
        }
        reports.put(file, report);
      }
    }
    return context
        .transactions()
        .write(
            null,
            context.running(),
            () -> {
              List<List<@Nullable String>> rows = new ArrayList<>();
              for (Map.Entry<Path, Report> entry : reports.entrySet()) {
                rows.add(load(entry.getKey(), entry.getValue()));
              }
              return rows;
            });
  }

  private List<@Nullable String> load(Path file, Report report) throws SQLException {
    Fault first = report.first();
    long loaded = 0;
    if (first == null || plan.onError().equals("CONTINUE")) {
      new Staging(context, plan, fields).read(file, report.badLines());
      loaded = context.update(Load.insert(context, plan, Staging.TABLE, fields));
      context.update("DROP TABLE " + Staging.TABLE);
    }
    String parsed = Long.toString(report.parsed());
    String count = Long.toString(loaded);
    if (first == null) {
      return Load.row(file.toString(), "LOADED", parsed, count, 0, null, null, null);
    }
    return Load.row(
        file.toString(),
        loaded == 0 ? "LOAD_FAILED" : "PARTIALLY_LOADED",
        parsed,
        count,
        report.badLines().size(),
        first.error().getMessage(),
        Long.toString(first.line()),
        first.column());
  }

  private Report report(Context probe, Path file) throws SQLException {
    Staging staging = new Staging(probe, plan, fields);
    staging.read(file, Set.of());
    Set<Long> bad = new HashSet<>();
    List<Fault> faults = new ArrayList<>(staging.faults());
    faults.forEach(fault -> bad.add(fault.line()));
    List<String> values = Load.values(probe, plan, Staging.TABLE, fields);
    if (!isClean(probe, values)) {
      List<Long> lines = badLines(probe, values);
      bad.addAll(lines);
      if (!lines.isEmpty()) {
        faults.add(explain(probe, values, lines.get(0)));
      }
    }
    Fault first = faults.stream().min(Comparator.comparingLong(Fault::line)).orElse(null);
    return new Report(staging.parsed(), bad, first);
  }

  /** Whether every value of every record can be had. */
  private boolean isClean(Context probe, List<String> values) throws SQLException {
    StringBuilder counts = new StringBuilder("SELECT count(*)");
    StringBuilder inner = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      counts.append(", count(v").append(i).append(")");
      inner.append(i == 0 ? "" : ", ").append(values.get(i)).append(" AS v").append(i);
    }
    try {
      List<@Nullable String> row =
          probe.rows(counts + " FROM (SELECT " + inner + " FROM " + Staging.TABLE + ")").get(0);
      for (int i = 0; i < values.size(); i++) {
        boolean full = String.valueOf(row.get(0)).equals(row.get(i + 1));
        if (!plan.columns().get(i).nullable() && !full) {
          return false;
        }
      }
      return true;
    } catch (SQLException e) {
      probe.running().check();
      return false;
    }
  }

  private List<Long> badLines(Context probe, List<String> values) throws SQLException {
    StringBuilder where = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      String tried = "TRY([" + values.get(i) + "])";
      where.append(i == 0 ? "" : " OR ").append(tried).append(" IS NULL");
      if (!plan.columns().get(i).nullable()) {
        where.append(" OR ").append(tried).append("[1] IS NULL");
      }
    }
    List<Long> lines = new ArrayList<>();
    String sql = "SELECT line FROM " + Staging.TABLE + " WHERE " + where + " ORDER BY line";
    for (List<@Nullable String> row : probe.rows(sql)) {
      lines.add(Long.parseLong(String.valueOf(row.get(0))));
    }
    return lines;
  }

  /** Which column of the record on that line is wrong, and how. */
  private Fault explain(Context probe, List<String> values, long line) {
    for (int i = 0; i < values.size(); i++) {
      StoredColumn column = plan.columns().get(i);
      String name = "\"" + plan.table().table() + "\"[\"" + column.name() + "\":" + (i + 1) + "]";
      try {
        String sql = "SELECT " + values.get(i) + " FROM " + Staging.TABLE + " WHERE line = " + line;
        String value = probe.rows(sql).get(0).get(0);
        if (value == null && !column.nullable()) {
          return new Fault(
              line,
              new SnowflakeException(100072, "22000", "NULL result in a non-nullable column"),
              name);
        }
      } catch (SQLException e) {
        return new Fault(line, ErrorTranslation.of(e), name);
      }
    }
    return new Fault(
        line, new SnowflakeException(100132, "XX000", "The record cannot be loaded"), null);
  }

  private static SnowflakeException located(Fault fault, Path file) {
    SnowflakeException error = fault.error();
    String column = fault.column() == null ? "" : "\n  Column " + fault.column();
    return new SnowflakeException(
        error.code(),
        error.sqlState(),
        error.getMessage() + "\n  File '" + file + "', line " + fault.line() + column,
        error);
  }
}
