package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.Verdict;
import dev.sheaf.models.store.VersionId;
import java.io.Serializable;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides, key by key, whether a new model serves from now on.
 *
 * <p>Whatever the gate: a key that was served before and has no model in the new version keeps the
 * one that served it.
 *
 * <pre>{@code
 * Gate.betterThanChampion().andBetterThanBaseline()
 * }</pre>
 */
public final class Gate implements Serializable {
  private static final long serialVersionUID = 1L;

  private enum Rule {
    BETTER_THAN_CHAMPION,
    ALWAYS,
    NEVER
  }

  private final Rule rule;
  private final boolean beatsBaseline;
  private final double tolerance;

  private Gate(Rule rule, boolean beatsBaseline, double tolerance) {
    this.rule = rule;
    this.beatsBaseline = beatsBaseline;
    this.tolerance = tolerance;
  }

  /**
   * Promotes a model if its loss is not above that of the model that serves its key, or if none
   * does.
   *
   * <p>Where the champion was run on the same held-out rows ({@code TrainPerKey.withChampionsOf}),
   * that loss counts; otherwise the one recorded when the champion was trained, on its own holdout,
   * if it is of the same kind. A model with no loss (or NaN) does not replace one; a model with one
   * replaces any without.
   */
  public static Gate betterThanChampion() {
    return new Gate(Rule.BETTER_THAN_CHAMPION, false, 0);
  }

  /** Promotes every model. */
  public static Gate always() {
    return new Gate(Rule.ALWAYS, false, 0);
  }

  /** Stores the version and leaves what serves as it is. */
  public static Gate never() {
    return new Gate(Rule.NEVER, false, 0);
  }

  /**
   * The same gate, which also refuses a model whose loss is above the naive baseline's on the same
   * rows, even for a key that nothing serves.
   */
  public Gate andBetterThanBaseline() {
    return new Gate(rule, true, tolerance);
  }

  /**
   * The same gate, which lets a loss be above the champion's by a part of it.
   *
   * @param part 0, the default, or more: 0.02 lets a model be 2 % worse
   */
  public Gate withTolerance(double part) {
    if (!(part >= 0 && part < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "cannot set the gate's tolerance to " + part + ": it must be 0 or more");
    }
    return new Gate(rule, beatsBaseline, part);
  }

  boolean leavesAliasAlone() {
    return rule == Rule.NEVER;
  }

  /** Judges one key; {@code champion} and its entry are null if nothing served it. */
  Verdict judge(
      IndexEntry candidate, @Nullable VersionId champion, @Nullable IndexEntry championEntry) {
    Double loss = loss(candidate.metrics());
    Double other = championLoss(candidate, championEntry);
    Double baseline = finite(candidate.metrics().get(CandidateModel.BASELINE_LOSS));
    EntryStatus status;
    String reason;
    if (rule == Rule.NEVER) {
      status = EntryStatus.STORED;
      reason = "the gate never promotes";
    } else if (beatsBaseline && (loss == null || (baseline != null && loss > baseline))) {
      status = champion == null ? EntryStatus.WITHHELD : EntryStatus.REJECTED;
      reason =
          loss == null
              ? "no loss to compare with the naive baseline's"
              : "the loss is above the naive baseline's, " + baseline;
    } else if (champion == null) {
      status = EntryStatus.PROMOTED;
      reason = "nothing served this key";
    } else if (rule == Rule.ALWAYS) {
      status = EntryStatus.PROMOTED;
      reason = "the gate always promotes";
    } else {
      boolean better = loss != null && (other == null || loss <= other * (1 + tolerance));
      status = better ? EntryStatus.PROMOTED : EntryStatus.REJECTED;
      reason = against(champion, loss, other);
    }
    return new Verdict(candidate.key(), status, reason, loss, champion, other);
  }

  private String against(VersionId champion, @Nullable Double loss, @Nullable Double other) {
    if (loss == null) {
      return "no loss to compare with the champion's, version " + champion;
    } else if (other == null) {
      return "the champion has no loss, version " + champion;
    }
    return (loss <= other * (1 + tolerance) ? "the loss is not above" : "the loss is above")
        + " the champion's, version "
        + champion;
  }

  private static @Nullable Double championLoss(
      IndexEntry candidate, @Nullable IndexEntry championEntry) {
    Double measured = finite(candidate.metrics().get(CandidateModel.CHAMPION_LOSS));
    if (measured != null || championEntry == null) {
      return championEntry == null ? null : measured;
    }
    return kind(candidate.metrics()).equals(kind(championEntry.metrics()))
        ? loss(championEntry.metrics())
        : null;
  }

  /** Which loss a model is judged by: losses of two kinds cannot be compared. */
  private static String kind(Map<String, Double> metrics) {
    return Stream.of("log_loss", "pinball").filter(metrics::containsKey).findFirst().orElse("rmse");
  }

  @Override
  public String toString() {
    return rule.name()
        + (beatsBaseline ? " and better than the baseline" : "")
        + (tolerance > 0 ? " with tolerance " + tolerance : "");
  }

  /** The loss that decides; of models that recorded none, their {@code rmse}. */
  static @Nullable Double loss(Map<String, Double> metrics) {
    Double loss = finite(metrics.get(CandidateModel.LOSS));
    return loss == null ? finite(metrics.get(CandidateModel.RMSE)) : loss;
  }

  private static @Nullable Double finite(@Nullable Double value) {
    return value == null || value.isNaN() ? null : value;
  }
}
