package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.VersionId;

/**
 * What a publish came to.
 *
 * @param version the version's name; nothing of that name exists if {@code models} is 0
 * @param models how many models the version has; 0 if there was nothing to publish
 * @param promoted how many of them serve from now on
 * @param rejected how many of them do not, because the gate kept their champions
 * @param kept how many keys were served before, are not in the version, and keep their champions
 */
public record PublishedVersion(
    VersionId version, long models, long promoted, long rejected, long kept) {

  /** Checks that the numbers fit together. */
  public PublishedVersion {
    if (models < 0 || promoted < 0 || rejected < 0 || kept < 0 || promoted + rejected > models) {
      throw new IllegalArgumentException(
          "cannot have published "
              + models
              + " models, "
              + promoted
              + " promoted, "
              + rejected
              + " rejected, "
              + kept
              + " kept: none may be negative, and promoted and rejected are among the models");
    }
  }

  /** What publishing no models comes to: no version, and the aliases as they were. */
  static PublishedVersion nothing(VersionId version) {
    return new PublishedVersion(version, 0, 0, 0, 0);
  }
}
