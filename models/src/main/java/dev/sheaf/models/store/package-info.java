/**
 * The model store: immutable versions of one model per key, and the aliases that say what serves.
 */
@NullMarked
package dev.sheaf.models.store;

import org.jspecify.annotations.NullMarked;
