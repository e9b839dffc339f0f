package dev.sheaf.models.store;

import java.util.Optional;
import java.util.Set;

/**
 * The models that serve at one moment, found by key; never changes, and any thread may use it.
 *
 * <p>Only the index is in memory. Models are read when they are asked for, and nothing stays open.
 */
public interface ResolvedModels {

  /** Finds the model that serves a key; empty if the key has none. */
  Optional<ModelRef> find(String key);

  /** What is known of the model that serves a key: rows, metrics; empty if the key has none. */
  Optional<IndexEntry> entry(String key);

  /** The keys that have a model. */
  Set<String> keys();

  /**
   * Reads a model, of this moment or of an earlier one.
   *
   * @return the ONNX bytes, checked against their digest
   * @throws StoreException if they cannot be read or are not what was written
   */
  byte[] load(ModelRef model);

  /** The {@link ModelSelection#token} of this moment. */
  String token();
}
