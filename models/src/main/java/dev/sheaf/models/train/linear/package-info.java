/** Linear regression: least squares from mergeable sums, exported in double arithmetic. */
@NullMarked
package dev.sheaf.models.train.linear;

import org.jspecify.annotations.NullMarked;
