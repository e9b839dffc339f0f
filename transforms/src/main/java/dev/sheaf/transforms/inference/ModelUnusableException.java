package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import org.jspecify.annotations.Nullable;

/** One model of the store cannot be used; its rows leave as bad records, other keys go on. */
final class ModelUnusableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ModelUnusableException(ModelRef ref, Exception cause) {
    this(describe(ref) + " cannot be used: " + cause.getMessage(), cause);
  }

  ModelUnusableException(String reason, @Nullable Exception cause) {
    super(reason, cause);
  }

  /** Names a model for people. */
  static String describe(ModelRef ref) {
    return "the model of key \"" + ref.key() + "\" in version " + ref.version();
  }
}
