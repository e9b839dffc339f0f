/** Publishes trained models as a version of a model store, and moves its champion alias to them. */
@NullMarked
package dev.sheaf.transforms.publishing;

import org.jspecify.annotations.NullMarked;
