/** Boosted trees of XGBoost and LightGBM in one form, their readers, and their ONNX nodes. */
@NullMarked
package dev.sheaf.models.trees;

import org.jspecify.annotations.NullMarked;
