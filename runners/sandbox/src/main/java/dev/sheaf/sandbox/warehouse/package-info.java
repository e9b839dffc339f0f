/** The Snowflake-compatible server in a JVM of its own. */
@NullMarked
package dev.sheaf.sandbox.warehouse;

import org.jspecify.annotations.NullMarked;
