/**
 * A Snowflake-compatible server on DuckDB for one machine, and the loader that fills it from CSV
 * files.
 */
@NullMarked
package dev.sheaf.sandbox.snowflake;

import org.jspecify.annotations.NullMarked;
