/** A real Flink cluster on one machine, every part in a JVM of its own. */
@NullMarked
package dev.sheaf.sandbox.flink;

import org.jspecify.annotations.NullMarked;
