/** Rows per second of each step, each against a named baseline in the same run. */
@NullMarked
package dev.sheaf.benchmarks;

import org.jspecify.annotations.NullMarked;
