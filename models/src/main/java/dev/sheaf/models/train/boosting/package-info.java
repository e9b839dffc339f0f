/** What the trainers of boosted trees share, whichever library grows the trees. */
@NullMarked
package dev.sheaf.models.train.boosting;

import org.jspecify.annotations.NullMarked;
