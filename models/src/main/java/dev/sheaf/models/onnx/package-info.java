/** ONNX models: written as graphs, described by metadata, run in ONNX Runtime. */
@NullMarked
package dev.sheaf.models.onnx;

import org.jspecify.annotations.NullMarked;
