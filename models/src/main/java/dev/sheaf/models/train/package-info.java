/** Trainers of one model per key, and the run of one key from its rows to a checked ONNX model. */
@NullMarked
package dev.sheaf.models.train;

import org.jspecify.annotations.NullMarked;
