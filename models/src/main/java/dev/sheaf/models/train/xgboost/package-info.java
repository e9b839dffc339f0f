/** Gradient boosted trees by XGBoost, and their conversion to ONNX. */
@NullMarked
package dev.sheaf.models.train.xgboost;

import org.jspecify.annotations.NullMarked;
