/** Bulk files: unloading to and loading from delimited text. */
@NullMarked
package dev.sheaf.sandbox.snowflake.copy;

import org.jspecify.annotations.NullMarked;
