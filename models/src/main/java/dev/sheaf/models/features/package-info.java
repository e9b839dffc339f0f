/** What trainers see of a table: numeric columns, made alike in Java and inside the ONNX graph. */
@NullMarked
package dev.sheaf.models.features;

import org.jspecify.annotations.NullMarked;
