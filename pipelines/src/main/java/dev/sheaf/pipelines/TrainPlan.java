package dev.sheaf.pipelines;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.training.TrainPerKey;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a training as far as they can be read and checked without a look at the rows.
 *
 * @param timeLimit for one key; null for the usual one
 * @param gate what decides whether a new model serves
 */
record TrainPlan(
    Trainer trainer,
    @Nullable Trainer baseline,
    Holdout holdout,
    ModelStore store,
    @Nullable Duration timeLimit,
    Gate gate) {

  /**
   * Reads and checks the options.
   *
   * @throws OptionException naming the option, what was found and what is valid
   */
  static TrainPlan of(TrainingOptions options) {
    Trainer trainer = trainer(options.getTrainer());
    checkLimits(options);
    String timeLimit = options.getTimeLimit();
    return new TrainPlan(
        trainer,
        baseline(options.getBaseline(), trainer),
        holdout(options.getHoldout()),
        read("--modelStore", () -> ModelStore.at(options.getModelStore())),
        timeLimit == null ? null : OptionTimes.positive("--timeLimit", timeLimit),
        gate(options));
  }

  static Trainer trainer(String text) {
    return read("--trainer", () -> Trainers.parse(text));
  }

  static Holdout holdout(String text) {
    return read("--holdout", () -> Holdout.parse(text));
  }

  private static @Nullable Trainer baseline(@Nullable String text, Trainer trainer) {
    if (text == null) {
      return null;
    }
    Trainer baseline = read("--baseline", () -> Trainers.parse(text));
    if (baseline.task().isClassification() != trainer.task().isClassification()) {
      throw new OptionException(
          String.format(
              "--baseline: \"%s\" predicts %s, but --trainer \"%s\" %s: both must do the same",
              text,
              baseline.task().isClassification() ? "classes" : "numbers",
              trainer,
              trainer.task().isClassification() ? "classes" : "numbers"));
    }
    return baseline;
  }

  private static void checkLimits(TrainingOptions options) {
    if (options.getMinimumRows() < 0) {
      throw new OptionException(
          "--minimumRows: found " + options.getMinimumRows() + "; valid are 0 and more");
    }
    checkPositive("--maximumRows", options.getMaximumRows());
    checkPositive("--sampleRows", options.getSampleRows());
    checkPositive("--maximumBytes", options.getMaximumBytes());
    checkPositive("--keyGroups", options.getKeyGroups());
    Integer maximum = options.getMaximumRows();
    Integer sample = options.getSampleRows();
    if (maximum != null && sample != null) {
      throw new OptionException(
          "give one of --maximumRows (a larger key gets no model), found "
              + maximum
              + ", and --sampleRows (it is trained on a sample), found "
              + sample);
    }
    if (options.getSampleSeed() != null && sample == null) {
      throw new OptionException(
          "--sampleSeed: found "
              + options.getSampleSeed()
              + " without --sampleRows, whose sample it chooses");
    }
  }

  private static void checkPositive(String option, @Nullable Number value) {
    if (value != null && value.longValue() < 1) {
      throw new OptionException(option + ": found " + value + "; valid are 1 and more");
    }
  }

  static <T> T read(String option, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw new OptionException(option + ": " + e.getMessage(), e);
    }
  }

  /**
   * Asks the trainers whether they can do with the features.
   *
   * @throws OptionException if one goes by a feature that is not there
   */
  void checkFits(TableSchema table) {
    read("--trainer", () -> trainer.minimumRows(table));
    if (baseline != null) {
      read("--baseline", () -> baseline.minimumRows(table));
    }
  }

  /**
   * Tries the store, before there are models to write.
   *
   * @throws OptionException if it cannot be written
   */
  void checkWritable() {
    try {
      store.checkWritable();
    } catch (StoreException e) {
      throw new OptionException("--modelStore: " + e.getMessage(), e);
    }
  }

  /** The training of rows with these columns. */
  TrainPerKey training(TrainingOptions options, TrainColumns columns) {
    TrainPerKey train =
        TrainPerKey.on(options.getKey())
            .withLabel(columns.label())
            .withFeatureSpecs(columns.specs())
            .withTrainer(trainer)
            .withHoldout(holdout);
    String weight = columns.weight();
    if (weight != null) {
      train = train.withWeight(weight);
    }
    if (!columns.groups().isEmpty()) {
      train = train.withGroupModels(columns.groups().toArray(String[]::new));
    }
    if (baseline != null) {
      train = train.withBaseline(baseline);
    }
    if (timeLimit != null) {
      train = train.withTimeLimit(timeLimit);
    }
    if (options.getPromote() == TrainingOptions.Promotion.BETTER) {
      train = train.withChampionsOf(store);
    }
    if (options.isGlobalModel()) {
      train = train.withGlobalModel();
    }
    if (options.isGatherRows()) {
      train = train.gatheringRows();
    }
    Integer groups = options.getKeyGroups();
    return withLimits(groups == null ? train : train.withKeyGroups(groups), options);
  }

  private static TrainPerKey withLimits(TrainPerKey train, TrainingOptions options) {
    TrainPerKey limited = train;
    if (options.getMinimumRows() != 0) {
      limited = limited.withMinimumRows(options.getMinimumRows());
    }
    Integer maximum = options.getMaximumRows();
    if (maximum != null) {
      limited = limited.withMaximumRows(maximum);
    }
    Integer sample = options.getSampleRows();
    if (sample != null) {
      Long seed = options.getSampleSeed();
      limited = limited.withSample(sample, seed == null ? 0 : seed);
    }
    Long bytes = options.getMaximumBytes();
    return bytes == null ? limited : limited.withMaximumBytes(bytes);
  }

  /** What decides whether a new model serves. */
  private static Gate gate(TrainingOptions options) {
    Gate gate =
        switch (options.getPromote()) {
          case ALWAYS -> Gate.always();
          case BETTER -> Gate.betterThanChampion();
          case NEVER -> Gate.never();
        };
    double part = options.getPromoteTolerance();
    if (!(part >= 0 && part < Double.POSITIVE_INFINITY)) {
      throw new OptionException(
          "--promoteTolerance: found " + part + "; valid are 0 and more, such as 0.02 for 2 %");
    }
    if (part > 0 && options.getPromote() != TrainingOptions.Promotion.BETTER) {
      throw new OptionException(
          "--promoteTolerance: found "
              + part
              + " with --promote="
              + options.getPromote()
              + "; it is for --promote=BETTER");
    }
    Gate tolerant = part > 0 ? gate.withTolerance(part) : gate;
    return options.isBeatBaseline() ? tolerant.andBetterThanBaseline() : tolerant;
  }
}
