/** Reads and writes Snowflake tables as schema rows, exactly, through Beam's SnowflakeIO. */
@NullMarked
package dev.sheaf.transforms.snowflake;

import org.jspecify.annotations.NullMarked;
