/** Trains one model per key and reports on every key. */
@NullMarked
package dev.sheaf.transforms.training;

import org.jspecify.annotations.NullMarked;
