package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.sql.Conversions;
import dev.sheaf.sandbox.snowflake.sql.Dialect;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.sql.TypeText;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A column as CREATE TABLE or ALTER TABLE declares it.
 *
 * @param type null where a query is to give it
 * @param defaultSql DuckDB text of the default value, or null
 */
record ColumnDefinition(
    String name,
    @Nullable SnowflakeType type,
    boolean nullable,
    @Nullable String defaultSql,
    @Nullable String remark) {
  private static final Set<String> CONSTRAINTS =
      Set.of("PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT", "CHECK");
  private static final Set<String> AFTER_TYPE =
      Set.of(
          "NOT",
          "NULL",
          "DEFAULT",
          "PRIMARY",
          "UNIQUE",
          "COMMENT",
          "COLLATE",
          "REFERENCES",
          "CONSTRAINT",
          "FOREIGN",
          "AUTOINCREMENT",
          "IDENTITY",
          "ENFORCED",
          "RELY",
          "NORELY");

  /** The columns of a definition list; constraints that Snowflake does not enforce fall away. */
  static List<ColumnDefinition> parse(Statement list) {
    List<ColumnDefinition> columns = new ArrayList<>();
    for (Statement part : list.commaParts()) {
      boolean constraint =
          part.size() > 1
              && part.at(0).kind() == Token.Kind.WORD
              && CONSTRAINTS.contains(part.at(0).text())
              && (part.hasSymbol(1, "(") || (part.at(1).isName() && !isType(part, 1)));
      if (!constraint) {
        columns.add(one(part));
      }
    }
    return columns;
  }

  private static boolean isType(Statement part, int index) {
    TypeText text = TypeText.at(part, index);
    try {
      return text != null && SnowflakeType.declared(text.text()) != null;
    } catch (SnowflakeException e) {
      return false;
    }
  }

  /** One definition: a name, a type and what follows. */
  static ColumnDefinition one(Statement part) {
    if (part.size() == 0 || !part.at(0).isName()) {
      throw SnowflakeException.syntax(
          "syntax error line 1: a column needs a name, found '" + part.sql() + "'.");
    }
    String name = part.at(0).text();
    SnowflakeType type = null;
    int i = 1;
    boolean typed =
        part.size() > 1
            && !(part.at(1).kind() == Token.Kind.WORD && AFTER_TYPE.contains(part.at(1).text()));
    if (typed) {
      TypeText text = TypeText.at(part, 1);
      if (text == null) {
        throw SnowflakeException.syntax(
            "syntax error line 1 unexpected '" + part.at(1).text() + "'.");
      }
      type = SnowflakeType.declared(text.text());
      i = text.end();
    }
    boolean nullable = true;
    String defaultSql = null;
    String remark = null;
    while (i < part.size()) {
      Token token = part.at(i);
      if (part.hasWords(i, "NOT", "NULL")) {
        nullable = false;
        i += 2;
      } else if (part.hasWords(i, "PRIMARY", "KEY")) {
        nullable = false;
        i += 2;
      } else if (token.isWord("DEFAULT")) {
        int end = defaultEnd(part, i + 1);
        defaultSql = Dialect.sql(part.part(i + 1, end));
        i = end;
      } else if (token.isWord("COMMENT") && i + 1 < part.size()) {
        remark = part.at(i + 1).text();
        i += 2;
      } else if (token.isWord("AUTOINCREMENT") || token.isWord("IDENTITY")) {
        throw SnowflakeException.unsupported(token.text());
      } else if (token.isSymbol("(")) {
        i = part.closing(i) + 1;
      } else {
        i++;
      }
    }
    return new ColumnDefinition(name, type, nullable, defaultSql, remark);
  }

  private static int defaultEnd(Statement part, int from) {
    int end = part.find(from + 1, AFTER_TYPE.toArray(new String[0]));
    return end < 0 ? part.size() : end;
  }

  static ColumnDefinition of(StoredColumn column) {
    return new ColumnDefinition(
        column.name(), column.type(), column.nullable(), column.defaultSql(), column.remark());
  }

  static ColumnDefinition of(Column column) {
    boolean micros =
        column.duckType().equals("TIMESTAMP") && column.type().equals(SnowflakeType.NTZ);
    SnowflakeType type =
        micros ? new SnowflakeType(SnowflakeType.Kind.TIMESTAMP_NTZ, 6, 6, 0) : column.type();
    return new ColumnDefinition(column.name(), type, true, null, null);
  }

  ColumnDefinition typed(SnowflakeType newType) {
    return new ColumnDefinition(name, newType, nullable, defaultSql, remark);
  }

  SnowflakeType requiredType() {
    if (type == null) {
      throw SnowflakeException.syntax("syntax error line 1: column '" + name + "' needs a type.");
    }
    return type;
  }

  static String sql(List<ColumnDefinition> columns) {
    StringBuilder sql = new StringBuilder();
    for (ColumnDefinition column : columns) {
      sql.append(sql.length() == 0 ? "" : ", ").append(column.sql());
    }
    return sql.toString();
  }

  /** The definition for DuckDB. */
  String sql() {
    SnowflakeType stored = requiredType();
    String text = Token.identifier(name) + " " + stored.duckType();
    if (defaultSql != null) {
      boolean plain =
          stored.kind() == SnowflakeType.Kind.FIXED || stored.kind() == SnowflakeType.Kind.REAL;
      text += " DEFAULT (" + (plain ? defaultSql : Conversions.cast(defaultSql, stored)) + ")";
    }
    return nullable ? text : text + " NOT NULL";
  }

  /** What DuckDB keeps beside the column: the declared type where it must, and the remark. */
  String comment() {
    String record = type != null && type.needsRecord() ? "[" + type + "]" : "";
    String own = remark == null ? "" : remark;
    return record.isEmpty() || own.isEmpty() ? record + own : record + " " + own;
  }
}
