/** Scores rows with the models of a store, inside the worker. */
@NullMarked
package dev.sheaf.transforms.inference;

import org.jspecify.annotations.NullMarked;
