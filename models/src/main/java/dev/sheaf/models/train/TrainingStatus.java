package dev.sheaf.models.train;

/** How the training of one key ended. */
public enum TrainingStatus {
  /** There is a model, and it agrees with its trainer. */
  TRAINED,
  /** There are fewer rows to train on than the trainer or the options ask for. */
  TOO_FEW_ROWS,
  /** The model's predictions or metrics are not finite. */
  DIVERGED,
  /** The exported model does not agree with its trainer, or a gate refused it. */
  REJECTED,
  /** There are more rows than the options allow. */
  TOO_LARGE,
  /** The trainer failed; the reason is its message. */
  FAILED
}
