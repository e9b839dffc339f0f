/** Ready pipelines and their options: train and score. */
@NullMarked
package dev.sheaf.pipelines;

import org.jspecify.annotations.NullMarked;
