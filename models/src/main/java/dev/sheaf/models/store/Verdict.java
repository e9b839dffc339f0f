package dev.sheaf.models.store;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a gate decided about one key, and why.
 *
 * @param key the key
 * @param status the decision
 * @param reason one line for people; not empty
 * @param loss the new model's loss on its holdout, lower is better; null if not known
 * @param champion the version that served the key before; null if none did
 * @param championLoss the loss of the model that served before, on the same rows where it was run
 *     on them, otherwise as it was recorded; null if not known
 */
public record Verdict(
    String key,
    EntryStatus status,
    String reason,
    @Nullable Double loss,
    @Nullable VersionId champion,
    @Nullable Double championLoss)
    implements Serializable {

  /** Checks that a rejected or kept key has something to fall back on. */
  public Verdict {
    Keys.check(key);
    if (reason.isEmpty()) {
      throw new IllegalArgumentException("a verdict needs a reason: key \"" + key + "\"");
    }
    boolean falls = status == EntryStatus.REJECTED || status == EntryStatus.KEPT;
    if (falls && champion == null) {
      throw new IllegalArgumentException(
          "cannot hold key \""
              + key
              + "\" to its champion: it has none, and the verdict is "
              + status
              + "; valid without a champion are PROMOTED and STORED");
    }
  }
}
