/** Boosted trees by LightGBM. */
@NullMarked
package dev.sheaf.models.train.lightgbm;

import org.jspecify.annotations.NullMarked;
