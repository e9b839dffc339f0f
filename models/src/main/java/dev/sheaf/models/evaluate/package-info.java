/** How a model is judged: which rows are held out, and how far its predictions are off on them. */
@NullMarked
package dev.sheaf.models.evaluate;

import org.jspecify.annotations.NullMarked;
