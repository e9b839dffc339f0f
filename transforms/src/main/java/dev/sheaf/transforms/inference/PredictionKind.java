package dev.sheaf.transforms.inference;

/** What models are asked for. */
enum PredictionKind {
  NUMBER,
  CLASS
}
