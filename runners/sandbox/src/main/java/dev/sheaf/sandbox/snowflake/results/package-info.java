/** Result sets as the wire protocol carries them: columns, values as text, pages and chunks. */
@NullMarked
package dev.sheaf.sandbox.snowflake.results;

import org.jspecify.annotations.NullMarked;
