/** The trainers there are, by the names that options use. */
@NullMarked
package dev.sheaf.models.catalog;

import org.jspecify.annotations.NullMarked;
