/** Converts model files of XGBoost and LightGBM to ONNX. */
@NullMarked
package dev.sheaf.models.convert;

import org.jspecify.annotations.NullMarked;
