/** The pipelines on a Flink cluster, and the command that submits them. */
@NullMarked
package dev.sheaf.runner.flink;

import org.jspecify.annotations.NullMarked;
