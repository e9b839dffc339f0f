/** Columnar training tables of primitive arrays: named, typed features, a label, rows. */
@NullMarked
package dev.sheaf.models.table;

import org.jspecify.annotations.NullMarked;
