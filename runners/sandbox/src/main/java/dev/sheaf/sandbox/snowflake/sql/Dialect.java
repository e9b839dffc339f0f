package dev.sheaf.sandbox.snowflake.sql;

import java.util.List;

/** The rules that turn a query or a part of one from Snowflake's SQL into DuckDB's, in order. */
public final class Dialect {
  private static final List<Rule> RULES =
      List.of(
          new InformationSchema(),
          new BareFunctions(),
          new FormatCalls(),
          new CallNames(),
          new DateParts(),
          new Casts());

  private Dialect() {}

  /** The statement in DuckDB's SQL. */
  public static Statement rewrite(Statement statement) {
    List<Token> tokens = statement.tokens();
    for (Rule rule : RULES) {
      tokens = rule.apply(tokens);
    }
    return new Statement(tokens);
  }

  /** The statement as DuckDB text. */
  public static String sql(Statement statement) {
    return rewrite(statement).sql();
  }
}
