package dev.sheaf.transforms.inference;

/**
 * A model does not give one result for each element of a batch: the fault of the set-up, not of the
 * elements, so the pipeline fails.
 */
final class UnbatchableModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnbatchableModelException(String found) {
    super(
        "cannot take the elements of a batch apart: each output must have as many rows as the"
            + " inputs, found "
            + found
            + "; score such a model with Batching.eachAlone()");
  }
}
