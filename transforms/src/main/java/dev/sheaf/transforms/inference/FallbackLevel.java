package dev.sheaf.transforms.inference;

/** Whose model gave a prediction. */
public enum FallbackLevel {
  /** The model of the row's own key. */
  KEY,
  /** The key has no model; that of a group that the row is in. */
  GROUP,
  /** Neither the key nor a group of the row has a model; the one for all rows. */
  GLOBAL,
  /** There is no model for the row; the prediction is NULL. */
  NONE
}
