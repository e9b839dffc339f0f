package dev.sheaf.sandbox.snowflake.sql;

import java.util.Set;

/** Words that cannot be an alias without AS. */
final class Reserved {
  private static final Set<String> CLAUSES =
      Set.of(
          "WHERE",
          "GROUP",
          "ORDER",
          "HAVING",
          "QUALIFY",
          "LIMIT",
          "OFFSET",
          "FETCH",
          "UNION",
          "EXCEPT",
          "MINUS",
          "INTERSECT",
          "JOIN",
          "INNER",
          "LEFT",
          "RIGHT",
          "FULL",
          "CROSS",
          "NATURAL",
          "ON",
          "USING",
          "LATERAL",
          "PIVOT",
          "UNPIVOT",
          "SAMPLE",
          "TABLESAMPLE",
          "WINDOW",
          "FROM",
          "SET",
          "WHEN",
          "FOR",
          "ASOF");

  private Reserved() {}

  static boolean isClause(Token token) {
    return token.kind() == Token.Kind.WORD && CLAUSES.contains(token.text());
  }
}
