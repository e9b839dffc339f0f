/** The expansion service: clients in other languages ask it what a transform consists of. */
@NullMarked
package dev.sheaf.runner.expansion;

import org.jspecify.annotations.NullMarked;
