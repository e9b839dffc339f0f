/** Snowflake's SQL text: tokens, statement shapes, and the rules that rewrite them for DuckDB. */
@NullMarked
package dev.sheaf.sandbox.snowflake.sql;

import org.jspecify.annotations.NullMarked;
