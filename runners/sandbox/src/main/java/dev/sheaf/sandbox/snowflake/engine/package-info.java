/** Sessions on DuckDB: statements run, transactions kept, commands answered. */
@NullMarked
package dev.sheaf.sandbox.snowflake.engine;

import org.jspecify.annotations.NullMarked;
