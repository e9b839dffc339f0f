/** The command that starts, stops and shows the sandbox's servers. */
@NullMarked
package dev.sheaf.runner.direct.sandbox;

import org.jspecify.annotations.NullMarked;
