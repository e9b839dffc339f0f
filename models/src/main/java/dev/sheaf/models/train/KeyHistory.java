package dev.sheaf.models.train;

import java.util.Optional;

/**
 * What is known of keys from before: what an earlier attempt at the same run came to, and the
 * models that serve today.
 *
 * <p>Used by one thread at a time. What else its methods throw fails the key that they were asked
 * for: while a store does not answer, no model takes the place of one that may be better.
 */
public interface KeyHistory {
  /** Nothing is known. */
  static KeyHistory none() {
    return new KeyHistory() {};
  }

  /**
   * What an earlier attempt came to with this key, if it was of the same data, schema, holdout and
   * trainer and need not be tried again.
   */
  default Optional<KeyOutcome> finished(String key, String fingerprint) {
    return Optional.empty();
  }

  /**
   * The model that serves the key.
   *
   * @throws DamagedChampionException if it can never be read: the key is trained and not compared
   *     with it
   */
  default Optional<Champion> champion(String key) {
    return Optional.empty();
  }
}
