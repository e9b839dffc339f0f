/** The transforms as schema transforms, for Beam YAML, SQL and Python. */
@NullMarked
package dev.sheaf.pipelines.embedding;

import org.jspecify.annotations.NullMarked;
