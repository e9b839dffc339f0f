/** The {@code sheaf} command line: commands, exit codes and error lines. */
@NullMarked
package dev.sheaf.pipelines.cli;

import org.jspecify.annotations.NullMarked;
