/** Everything on one machine: the direct runner, the sandbox's warehouse, and the demo. */
@NullMarked
package dev.sheaf.runner.direct;

import org.jspecify.annotations.NullMarked;
