/** Naive baselines: constants, the last value, the last season; models like any other. */
@NullMarked
package dev.sheaf.models.train.naive;

import org.jspecify.annotations.NullMarked;
