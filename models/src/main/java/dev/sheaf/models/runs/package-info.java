/** Training runs: what came of each key, kept beside the models while and after a run works. */
@NullMarked
package dev.sheaf.models.runs;

import org.jspecify.annotations.NullMarked;
