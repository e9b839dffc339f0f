package dev.sheaf.models.store;

import java.io.Serializable;

/**
 * Says which models serve, without having read anything yet; may be sent to other machines.
 *
 * <p>Made by {@link ModelStore#champion}, {@link ModelStore#aliased} and {@link ModelStore#pinned}.
 */
public interface ModelSelection extends Serializable {

  /**
   * Reads the small file that says what serves, and no index.
   *
   * @return a text that differs whenever {@link #resolve} would serve something else
   * @throws StoreException if nothing serves, or the file cannot be read
   */
  String token();

  /**
   * Reads what serves now.
   *
   * @throws StoreException if nothing serves, or a file cannot be read; it names the file
   */
  ResolvedModels resolve();
}
