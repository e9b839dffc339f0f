/** Columns of schema rows, as every transform reads them: by name, as a number, as a key's text. */
@NullMarked
package dev.sheaf.transforms.rows;

import org.jspecify.annotations.NullMarked;
