package dev.sheaf.models.trees;

/** What a booster predicts. */
public enum Outcome {
  /** One number per output. */
  NUMBER,
  /** One of two classes (one output) or of as many as there are outputs. */
  CLASS
}
