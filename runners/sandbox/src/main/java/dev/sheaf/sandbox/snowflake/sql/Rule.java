package dev.sheaf.sandbox.snowflake.sql;

import java.util.List;

/** One rewrite of Snowflake's dialect to DuckDB's. */
interface Rule {
  /** The tokens, changed where the rule applies. */
  List<Token> apply(List<Token> tokens);
}
