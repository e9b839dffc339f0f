/** The multi-layer perceptron: trained in plain Java, exported in doubles. */
@NullMarked
package dev.sheaf.models.train.mlp;

import org.jspecify.annotations.NullMarked;
