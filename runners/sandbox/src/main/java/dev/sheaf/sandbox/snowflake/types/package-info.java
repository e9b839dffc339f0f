/** Snowflake's column types, how DuckDB stores them, and the errors Snowflake reports. */
@NullMarked
package dev.sheaf.sandbox.snowflake.types;

import org.jspecify.annotations.NullMarked;
