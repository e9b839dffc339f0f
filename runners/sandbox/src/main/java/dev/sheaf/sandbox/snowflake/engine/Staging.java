package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.copy.CsvFormat;
import dev.sheaf.sandbox.snowflake.copy.CsvScanner;
import dev.sheaf.sandbox.snowflake.engine.Load.Plan;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/** Reads a file record by record into a temporary table of text, with the line of each record. */
final class Staging {
  /** The table: {@code line}, {@code c0}, {@code c1}, .... */
  static final String TABLE = "temp.main.sf_stage";

  private static final int CHECKED_ROWS = 2000;

  private final Context context;
  private final Plan plan;
  private final int fields;
  private final List<Fault> faults = new ArrayList<>();
  private long parsed;

  /**
   * Something wrong with a record.
   *
   * @param column the table's column, as errors name it, or null
   */
  record Fault(long line, SnowflakeException error, @Nullable String column) {}

  Staging(Context context, Plan plan, int fields) {
    this.context = context;
    this.plan = plan;
    this.fields = fields;
  }

  /** Records read, good and bad. */
  long parsed() {
    return parsed;
  }

  /** Records of a wrong shape, which are not in the table. */
  List<Fault> faults() {
    return faults;
  }

  /** The fields that records of the files have: as the table has columns, or as the first has. */
  static int fields(Plan plan) {
    if (plan.select() == null) {
      return plan.columns().size();
    }
    for (Path file : plan.files()) {
      try (CsvScanner scanner = open(plan.format(), file)) {
        if (scanner.next()) {
          return scanner.fields();
        }
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return 1;
  }

  private static CsvScanner open(CsvFormat format, Path file) throws IOException {
    return CsvScanner.open(
        file,
        format.gzipped(file.toString()),
        format.charset(),
        format.delimiter().isEmpty() ? '\uffff' : format.delimiter().charAt(0),
        format.enclosure(),
        format.escape());
  }

  /** Fills the table, without the records on the given lines. */
  void read(Path file, Set<Long> without) throws SQLException {
    StringBuilder columns = new StringBuilder("line BIGINT");
    for (int i = 0; i < fields; i++) {
      columns.append(", c").append(i).append(" VARCHAR");
    }
    context.update("CREATE OR REPLACE TEMP TABLE sf_stage (" + columns + ")");
    try (CsvScanner scanner = open(plan.format(), file);
        DuckDBAppender appender = context.connection().createAppender("temp", "main", "sf_stage")) {
      for (int i = 0; i < plan.format().headerLines(); i++) {
        scanner.next();
      }
      while (scanner.next()) {
        if (parsed++ % CHECKED_ROWS == 0) {
          context.running().check();
        }
        Fault fault = fault(scanner);
        if (fault != null) {
          faults.add(fault);
        } else if (!without.contains(scanner.line())) {
          append(scanner, appender);
        }
      }
    } catch (CharacterCodingException e) {
      throw new SnowflakeException(
          100144,
          "22000",
          "Invalid " + plan.format().charset() + " in file '" + file + "' after record " + parsed,
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private @Nullable Fault fault(CsvScanner scanner) {
    if (scanner.isFaulty()) {
      return new Fault(
          scanner.line(),
          new SnowflakeException(
              100066,
              "22000",
              "An enclosure is not closed, or something stands between it and the delimiter"),
          null);
    }
    boolean counted = plan.format().strictCount() && plan.select() == null;
    if (counted && scanner.fields() != fields) {
      return new Fault(
          scanner.line(),
          new SnowflakeException(
              100080,
              "22000",
              "Number of columns in file ("
                  + scanner.fields()
                  + ") does not match that of the corresponding table ("
                  + fields
                  + "), use file format option error_on_column_count_mismatch=false to ignore"
                  + " this error"),
          null);
    }
    return null;
  }

  private void append(CsvScanner scanner, DuckDBAppender appender) throws SQLException {
    appender.beginRow();
    appender.append(scanner.line());
    for (int i = 0; i < fields; i++) {
      String text = i < scanner.fields() ? scanner.text(i) : null;
      boolean bare = text != null && !scanner.isQuoted(i);
      if (text != null && bare && plan.format().trim()) {
        text = text.strip();
      }
      if (text == null || (bare && plan.format().isNull(text))) {
        appender.appendNull();
      } else {
        appender.append(text);
      }
    }
    appender.endRow();
  }

  private static SnowflakeException unreadable(Path file, IOException cause) {
    return new SnowflakeException(
        100016, "22000", "Cannot read '" + file + "': " + cause.getMessage(), cause);
  }
}
