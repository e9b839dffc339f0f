/** Rows that cannot be used: the reason each carries, and the way they leave a transform. */
@NullMarked
package dev.sheaf.transforms.failure;

import org.jspecify.annotations.NullMarked;
