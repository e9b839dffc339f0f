package dev.sheaf.transforms.inference;

/** Whose model gave a prediction. */
public enum FallbackLevel {
  /** The model of the row's own key. */
  KEY,
  /** No model: the key has none in the store; the prediction is NULL. */
  NONE
}
