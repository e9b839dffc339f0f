package dev.sheaf.models.store;

import java.util.Optional;

/**
 * Brings {@link StoreFiles} for URI schemes other than {@code file}; found by {@link
 * java.util.ServiceLoader}.
 */
public interface StoreFilesProvider {

  /**
   * The files behind locations of a scheme.
   *
   * @param scheme in lower case, such as {@code s3}
   * @return empty if this provider does not know the scheme
   */
  Optional<StoreFiles> forScheme(String scheme);
}
