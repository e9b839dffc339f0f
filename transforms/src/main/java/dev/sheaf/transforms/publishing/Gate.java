package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.Verdict;
import dev.sheaf.models.store.VersionId;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides, key by key, whether a new model serves from now on.
 *
 * <p>Whatever the gate: a key that was served before and has no model in the new version keeps the
 * one that served it.
 */
public final class Gate implements Serializable {
  private static final long serialVersionUID = 1L;

  private enum Rule {
    BETTER_THAN_CHAMPION,
    ALWAYS,
    NEVER
  }

  private final Rule rule;

  private Gate(Rule rule) {
    this.rule = rule;
  }

  /**
   * Promotes a model if its {@code rmse} is not above the one recorded for the model that serves
   * its key, or if none does.
   *
   * <p>The two errors were measured when each model was trained, each on its own holdout. A model
   * with no {@code rmse} (or NaN) does not replace one; a model with one replaces any without.
   */
  public static Gate betterThanChampion() {
    return new Gate(Rule.BETTER_THAN_CHAMPION);
  }

  /** Promotes every model. */
  public static Gate always() {
    return new Gate(Rule.ALWAYS);
  }

  /** Stores the version and leaves what serves as it is. */
  public static Gate never() {
    return new Gate(Rule.NEVER);
  }

  boolean leavesAliasAlone() {
    return rule == Rule.NEVER;
  }

  /** Judges one key; {@code champion} and its entry are null if nothing served it. */
  Verdict judge(
      IndexEntry candidate, @Nullable VersionId champion, @Nullable IndexEntry championEntry) {
    Double rmse = rmse(candidate.metrics());
    Double other = championEntry == null ? null : rmse(championEntry.metrics());
    if (rule == Rule.NEVER) {
      return new Verdict(
          candidate.key(), EntryStatus.STORED, "the gate never promotes", rmse, champion, other);
    }
    if (champion == null) {
      return new Verdict(
          candidate.key(), EntryStatus.PROMOTED, "nothing served this key", rmse, null, null);
    }
    if (rule == Rule.ALWAYS) {
      return new Verdict(
          candidate.key(), EntryStatus.PROMOTED, "the gate always promotes", rmse, champion, other);
    }
    String against = " the champion's, version " + champion;
    if (rmse == null) {
      return new Verdict(
          candidate.key(),
          EntryStatus.REJECTED,
          "no rmse to compare with" + against,
          null,
          champion,
          other);
    }
    if (other == null) {
      return new Verdict(
          candidate.key(),
          EntryStatus.PROMOTED,
          "the champion has no rmse, version " + champion,
          rmse,
          champion,
          null);
    }
    boolean better = rmse <= other;
    return new Verdict(
        candidate.key(),
        better ? EntryStatus.PROMOTED : EntryStatus.REJECTED,
        (better ? "rmse is not above" : "rmse is above") + against,
        rmse,
        champion,
        other);
  }

  @Override
  public String toString() {
    return rule.name();
  }

  static @Nullable Double rmse(Map<String, Double> metrics) {
    Double rmse = metrics.get(CandidateModel.RMSE);
    return rmse == null || rmse.isNaN() ? null : rmse;
  }
}
