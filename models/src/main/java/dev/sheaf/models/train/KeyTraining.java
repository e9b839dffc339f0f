package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run of a {@link KeyTrainer}: what is known of the key so far, and how it ends.
 *
 * <p>What is known is volatile: a run that is given up is reported by another thread.
 */
final class KeyTraining {
  private static final double NANOS_PER_SECOND = 1e9;

  private final KeyTrainer options;
  private final String key;
  private final KeyHistory history;
  private final long started = System.nanoTime();
  private final List<String> notes = new ArrayList<>();
  private final HeldBytes held = new HeldBytes();
  private final GatheredRows gathered;
  private final ChampionJudge champion;

  private volatile long rows;
  private volatile long trainRows;
  private volatile long holdoutRows;
  private volatile String fingerprint = "";
  private volatile SortedMap<String, Double> metrics = new TreeMap<>();
  private volatile Losses losses;
  private volatile @Nullable Double parityError;
  private volatile @Nullable KeyOutcome outcome;
  private @Nullable TrainingWindow window;

  KeyTraining(KeyTrainer options, String key, KeyHistory history) {
    this.options = options;
    this.key = key;
    this.history = history;
    this.gathered = new GatheredRows(options.rowLimit(), held);
    this.champion = new ChampionJudge(options, key, history, notes::add);
    this.losses = Losses.none(options.trainer().task());
  }

  /** The outcome, once there is one. */
  KeyOutcome outcome() {
    KeyOutcome found = outcome;
    if (found == null) {
      throw new IllegalStateException("the training of key \"" + key + "\" has not ended");
    }
    return found;
  }

  /**
   * Takes the rows and says whether there are rows to train on; if not, that is the outcome.
   *
   * @param seen how many rows there were, where no more than the limit are left
   */
  boolean gather(Iterable<RowBlock> from, long seen) {
    try {
      from.forEach(gathered::add);
    } catch (OutOfMemoryError e) {
      gathered.drop(); // Other keys go on.
      rows = gathered.count();
      end(TrainingStatus.FAILED, "not enough memory after " + rows + " rows: " + e);
      return false;
    }
    rows = Math.max(gathered.count(), seen);
    if (isTooLarge()) {
      return false;
    }
    if (rows == 0) {
      end(TrainingStatus.TOO_FEW_ROWS, "no rows");
      return false;
    }
    return true;
  }

  /** Whether there are more rows than may be; that is the outcome then. */
  private boolean isTooLarge() {
    RowLimit limit = options.rowLimit();
    boolean tooLarge = rows > limit.rows() && limit.overflow() == RowLimit.Overflow.REFUSE;
    if (tooLarge) {
      end(TrainingStatus.TOO_LARGE, rows + " rows, more than the " + limit.rows() + " allowed");
    }
    return tooLarge;
  }

  KeyOutcome ofRows() throws TrainingException {
    RowBlock all = gathered.takeCanonical();
    if (all.rows() < rows) {
      notes.add("trained on a sample of " + all.rows() + " of " + rows + " rows");
    }
    fingerprint = Fingerprint.of(options, all);
    Optional<KeyOutcome> finished = history.finished(key, fingerprint);
    if (finished.isPresent()) {
      return reuse(finished.get());
    }
    List<Split> splits = options.holdout().splits(all);
    Split last = splits.get(splits.size() - 1);
    trainRows = last.train().length;
    holdoutRows = splits.stream().mapToLong(split -> split.holdout().length).sum();
    if (trainRows < options.minimumRows()) {
      return tooFewRows();
    }
    checkLabels(all);
    List<HeldOut> judged = new ArrayList<>();
    List<HeldOut> guessed = new ArrayList<>();
    for (int fold = 0; fold < splits.size() - 1; fold++) {
      backtest(fold, all, splits.get(fold), judged, guessed);
    }
    RowBlock train = all.select(last.train()).compact();
    checkWeights(train);
    RowBlock holdout = all.select(last.holdout());
    ColumnKind kind = options.orderKind();
    if (kind != null) {
      String column = options.holdout().column().orElseThrow();
      window = TrainingWindow.of(column, kind, train.orders()).orElse(null);
    }
    held.add(holdout.byteSize() + train.byteSize());
    TrainingTable table = new TrainingTable(options.schema(), train, options.holdout());
    try (FittedModel model = options.trainer().fit(table)) {
      guessed.add(baseline(splits.size() - 1, table, holdout));
      return judge(model, splits.size() - 1, train, holdout, judged, guessed);
    }
  }

  private KeyOutcome tooFewRows() {
    return end(
        TrainingStatus.TOO_FEW_ROWS,
        "%d rows to train on (%d of %d held out), at least %d are needed"
            .formatted(trainRows, holdoutRows, rows, options.minimumRows()));
  }

  private static void checkLabels(RowBlock all) throws TrainingException {
    for (double label : all.labels()) {
      if (Double.isNaN(label) || Double.isInfinite(label)) {
        throw TrainingException.ofLabel(label);
      }
    }
  }

  /** One rule for all trainers: of rows that weigh nothing some libraries make a model. */
  private static void checkWeights(RowBlock train) throws TrainingException {
    double[] weights = train.weights();
    if (weights == null) {
      return;
    }
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new TrainingException(
            "a weight is " + weight + ": it must be a finite number, 0 or more", null);
      }
      sum += weight;
    }
    if (!(sum > 0)) {
      throw new TrainingException(
          "the weights of the rows to train on are all 0: one above 0 is needed", null);
    }
  }

  private void backtest(
      int fold, RowBlock all, Split split, List<HeldOut> judged, List<HeldOut> guessed)
      throws TrainingException {
    if (split.train().length < options.minimumRows()) {
      notes.add(
          "window " + (fold + 1) + " of the backtest has too few rows before it to be judged");
      return;
    }
    RowBlock train = all.select(split.train()).compact();
    RowBlock holdout = all.select(split.holdout());
    TrainingTable table = new TrainingTable(options.schema(), train, options.holdout());
    try (FittedModel model = options.trainer().fit(table)) {
      judged.add(new HeldOut(fold, holdout, model.classes(), model.predict(holdout)));
    }
    guessed.add(baseline(fold, table, holdout));
  }

  /** The baseline's predictions; of a baseline that fails, those of the usual one, with a note. */
  private HeldOut baseline(int fold, TrainingTable table, RowBlock holdout) {
    Trainer baseline = options.baseline();
    if (baseline != null) {
      try (FittedModel model = baseline.fit(table)) {
        return new HeldOut(fold, holdout, model.classes(), model.predict(holdout));
      } catch (TrainingException | RuntimeException e) {
        notes.add(
            "the baseline failed, the usual one stands in: " + TrainingException.messageOf(e));
      }
    }
    return Guess.of(options.trainer().task(), table.rows()).on(fold, holdout);
  }

  KeyOutcome ofSums(KeySums sums) throws TrainingException {
    rows = sums.rows();
    trainRows = sums.train().rows();
    holdoutRows = rows - trainRows;
    held.add(sums.byteSize());
    if (isTooLarge()) {
      return outcome();
    }
    fingerprint = Fingerprint.of(options, sums);
    Optional<KeyOutcome> finished = history.finished(key, fingerprint);
    if (finished.isPresent()) {
      return reuse(finished.get());
    }
    if (trainRows < options.minimumRows()) {
      return tooFewRows();
    }
    sums.checkLabels();
    RowBlock holdout = sums.heldOut();
    if (holdout.rows() < holdoutRows) {
      notes.add("judged on a sample of " + holdout.rows() + " of " + holdoutRows + " rows");
    }
    SummingTrainer trainer = (SummingTrainer) options.trainer();
    try (FittedModel model = trainer.fit(options.schema(), sums.train())) {
      HeldOut guess = new Guess(List.of(), new double[] {sums.meanLabel()}).on(0, holdout);
      return judge(
          model, 0, sums.sample(), holdout, new ArrayList<>(), new ArrayList<>(List.of(guess)));
    }
  }

  private KeyOutcome judge(
      FittedModel model,
      int fold,
      RowBlock train,
      RowBlock holdout,
      List<HeldOut> judged,
      List<HeldOut> guessed)
      throws TrainingException {
    RowBlock probes = ParityCheck.probes(train, holdout);
    double[] predicted = model.predict(probes);
    for (double prediction : predicted) {
      if (Double.isNaN(prediction) || Double.isInfinite(prediction)) {
        return end(TrainingStatus.DIVERGED, "the model predicts " + prediction);
      }
    }
    int outputs = Math.max(1, model.classes().size());
    HeldOut last =
        new HeldOut(
            fold, holdout, model.classes(), Arrays.copyOf(predicted, holdout.rows() * outputs));
    judged.add(last);
    Task task = options.trainer().task();
    metrics = Judgement.metrics(task, judged);
    Double loss = Judgement.loss(task, last);
    losses =
        new Losses(
            task.loss(), loss, Judgement.loss(task, guessed.get(guessed.size() - 1)), null, null);
    if (loss != null && !(Math.abs(loss) <= Double.MAX_VALUE)) {
      return end(TrainingStatus.DIVERGED, "the error on the holdout is " + loss);
    }
    Trainer made = model.trainer(options.trainer());
    byte[] onnx = model.toOnnx(metadata(made, model.classes()));
    held.add(onnx.length);
    double error =
        ParityCheck.error(
            onnx, options.schema(), probes, predicted, ParityCheck.scale(task, train));
    parityError = error;
    if (!(error <= options.parityTolerance())) {
      return end(
          TrainingStatus.REJECTED,
          "the exported model differs from its trainer by %s, more than the %s allowed"
              .formatted(error, options.parityTolerance()));
    }
    losses = champion.judged(losses, holdout);
    notes.addAll(model.notes());
    byte[] checked =
        ModelMetadata.withProperty(onnx, ModelMetadata.PARITY_ERROR, Double.toString(error));
    if (window != null) {
      checked = ModelMetadata.withProperty(checked, ModelMetadata.TRAINING_WINDOW, window.json());
    }
    KeyReport report =
        report(
            TrainingStatus.TRAINED,
            String.join("; ", notes),
            made.name(),
            new TreeMap<>(model.scores()),
            Fingerprint.sha256(checked));
    return done(new KeyOutcome(report, checked, judged, model.curve(), model.importance()));
  }

  private ModelMetadata metadata(Trainer made, List<String> classes) {
    return new ModelMetadata(
        key,
        options.schema().label(),
        options.schema().features(),
        classes,
        made.name(),
        made.parameters(),
        trainRows,
        options.holdout().toString());
  }

  private KeyOutcome reuse(KeyOutcome finished) {
    return done(
        new KeyOutcome(
            finished.report().asReused(champion.stillTrue(finished.report().losses())),
            finished.onnx(),
            finished.heldOut(),
            finished.curve(),
            finished.importance()));
  }

  /** The outcome of what was thrown. */
  KeyOutcome failed(Throwable cause) {
    if (cause instanceof TrainingException) {
      return end(TrainingStatus.FAILED, TrainingException.messageOf(cause));
    } else if (cause instanceof OutOfMemoryError) {
      // One key that is too big for the heap has freed it again by now; others go on.
      return end(TrainingStatus.FAILED, "not enough memory: " + cause);
    } else if (cause instanceof StackOverflowError) {
      return end(
          TrainingStatus.FAILED, "stack overflow: the trainer calls itself deeper than a stack is");
    }
    return end(
        TrainingStatus.FAILED,
        cause.getClass().getSimpleName() + ": " + TrainingException.messageOf(cause));
  }

  KeyOutcome timedOut(LimitedCalls.TimedOut<KeyOutcome> late) {
    return end(
        TrainingStatus.FAILED,
        "not done after the time limit of "
            + seconds(late.limit())
            + " s"
            + (late.ended() ? "" : "; it does not heed its interruption and still runs"));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }

  private KeyOutcome end(TrainingStatus status, String reason) {
    return done(
        new KeyOutcome(
            report(status, reason, options.trainer().name(), new TreeMap<>(), null), null));
  }

  private KeyOutcome done(KeyOutcome ended) {
    outcome = ended;
    return ended;
  }

  private KeyReport report(
      TrainingStatus status,
      String reason,
      String trainer,
      SortedMap<String, Double> scores,
      @Nullable String digest) {
    return new KeyReport(
        key,
        status,
        reason,
        rows,
        trainRows,
        holdoutRows,
        metrics,
        losses,
        scores,
        (System.nanoTime() - started) / NANOS_PER_SECOND,
        held.peak(),
        parityError,
        trainer,
        fingerprint,
        digest,
        false);
  }
}
