/** The HTTP and JSON endpoints that the Snowflake drivers speak to. */
@NullMarked
package dev.sheaf.sandbox.snowflake.protocol;

import org.jspecify.annotations.NullMarked;
