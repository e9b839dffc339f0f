package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.inference.ChosenModel.Manner;
import java.util.HashMap;
import java.util.Map;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/**
 * Finds the models of rows and gathers the rows by how they are scored: those of models that share
 * a template with one call whatever their keys, those of other models with one call per model.
 */
final class RowSorter implements AutoCloseable {
  /** Bytes of rows that wait in a bundle before all are scored; estimated. */
  private static final long MOST_BYTES_HELD = 64L << 20;

  /** Rows of one model that need not wait for more: a call then costs some 40 ns a row. */
  private static final int ENOUGH = 256;

  private final ScorePlan plan;
  private final RowCalls calls;
  private final RowScorer scorer;
  private final Intake intake;
  private final Occupancy occupancy;
  private Map<ChosenModel, Batch> batches = new HashMap<>();
  private int batchedRows;
  private long batchedBytes;

  /** Finds out what serves; fails when the store has nothing to serve. */
  RowSorter(ScorePlan plan, InferenceMetrics metrics) {
    this.plan = plan;
    this.intake =
        new Intake(
            plan.settings().maximumBatchSize(),
            plan.choice(),
            plan.predictions(),
            new RowBytes(plan.schema()));
    this.calls = new RowCalls(plan, metrics);
    this.scorer =
        new RowScorer(new Models(plan.settings(), metrics, Sleeper.DEFAULT), intake, plan, calls);
    this.occupancy = new Occupancy(scorer::close);
  }

  /** Begins with no rows, whatever a bundle that failed has left. */
  void begin() {
    occupancy.enter();
    try {
      forgetBatches();
      scorer.begin();
      intake.clear(scorer.endIntake());
      intake.letGo(scorer.models().drops());
    } finally {
      occupancy.leave();
    }
  }

  /** As rows are about to come that a token was given for; to be called with no rows waiting. */
  void refreshTo(String token) {
    occupancy.enter();
    try {
      scorer.models().refreshTo(token);
    } finally {
      occupancy.leave();
    }
  }

  /** Takes a row; true if {@link #sort} must be called. */
  boolean add(Row row, Instant timestamp, BoundedWindow window) {
    intake.add(row, timestamp, window);
    return intake.isFull();
  }

  /** Takes the rows that came last to where they wait to be scored. */
  void sort(Outlet<Row> output) throws BadRowException {
    occupancy.enter();
    try {
      sortIntake(output);
    } finally {
      occupancy.leave();
    }
  }

  private void sortIntake(Outlet<Row> output) throws BadRowException {
    intake.look();
    HeldRows rows = intake.rows();
    for (Map.Entry<Integer, BadRowException> refused : intake.refusals().entrySet()) {
      calls.refuse(rows, refused.getKey(), refused.getValue(), output);
    }
    Generation serving = scorer.models().generation();
    if (intake.choose(serving, scorer.models().beginLookUp()) > 0) {
      for (int i = 0; i < rows.size(); i++) {
        if (intake.lacksModel(i)) {
          chooseOther(i, serving, output);
        }
      }
    }
    scoreIntake(output);
    if (batchedRows >= plan.settings().rowsHeld() || batchedBytes >= MOST_BYTES_HELD) {
      scoreBatches(output);
    }
  }

  /** Scores the rows whose models are loaded and share a template; the others go into batches. */
  private void scoreIntake(Outlet<Row> output) throws BadRowException {
    scorer.expectMixed();
    // Before others are scored, whose calls may use the buffers that its rows were read into.
    int scored = scoreMost(output);
    scorer.scoreExpected(output);
    if (intake.leftSize() > 0) {
      for (int i = 0; i < intake.leftSize(); i++) {
        int place = intake.left(i);
        if (scored != NearModels.NONE && intake.modelPlace(place) == scored) {
          continue;
        }
        ChosenModel model = intake.chosen(place);
        if (model != null && !scorer.expectLeft(place, model, output)) {
          addToBatch(place, model, output);
        }
      }
      scorer.scoreExpected(output);
    }
    intake.clear(scorer.endIntake());
  }

  /**
   * Scores the rows of the model that most of the rows left are of, if these are enough for a call
   * of their own; gives its place, or NONE.
   */
  private int scoreMost(Outlet<Row> output) throws BadRowException {
    int most = NearModels.NONE;
    int lead = 0;
    for (int i = 0; i < intake.leftSize(); i++) {
      int model = intake.modelPlace(intake.left(i));
      if (lead == 0) {
        most = model;
      }
      lead += model == most ? 1 : -1;
    }
    if (lead == 0 || most == NearModels.NONE) {
      return NearModels.NONE;
    }
    int rows = 0;
    for (int i = 0; i < intake.leftSize(); i++) {
      rows += intake.modelPlace(intake.left(i)) == most ? 1 : 0;
    }
    boolean waits =
        2 * rows <= intake.rows().size() || batches.containsKey(intake.models().chosen(most));
    return (rows >= ENOUGH || !waits) && scorer.scoreLeft(most, rows, output)
        ? most
        : NearModels.NONE;
  }

  private void chooseOther(int place, Generation serving, Outlet<Row> output)
      throws BadRowException {
    HeldRows rows = intake.rows();
    ChosenModel model;
    try {
      model = plan.choice().fallback(rows.row(place), serving);
    } catch (BadRowException refusal) {
      calls.refuse(rows, place, refusal, output);
      return;
    }
    if (model == null) {
      calls.leaveUnscored(rows, place, output);
    }
    intake.choose(place, model);
  }

  /** Rows whose models have sessions of their own or are not loaded at the moment. */
  private void addToBatch(int place, ChosenModel model, Outlet<Row> output) throws BadRowException {
    Batch batch = batches.get(model);
    if (batch == null) {
      Manner manner = model.manner();
      batch =
          new Batch(
              model,
              manner == null || manner.mixed() ? null : scorer.knownInputs(manner.features()));
      batches.put(model, batch);
    }
    try {
      batch.add(intake, place);
    } catch (BadRowException refusal) {
      calls.refuse(intake.rows(), place, refusal, output);
      return;
    }
    batchedRows++;
    batchedBytes += intake.rows().byteSize(place);
    Manner manner = model.manner();
    boolean mixed = manner != null && manner.mixed();
    if (mixed || batch.size() >= plan.settings().maximumBatchSize()) {
      batches.remove(model);
      batchedRows -= batch.size();
      batchedBytes -= batch.byteSize();
      scorer.score(batch, output);
    }
  }

  /** Scores all rows that wait. */
  void finish(Outlet<Row> output) throws BadRowException {
    occupancy.enter();
    try {
      sortIntake(output);
      // A model may be loaded in another form than the last time: its rows then wait once more.
      while (!batches.isEmpty()) {
        scoreBatches(output);
      }
      scorer.finish();
    } finally {
      occupancy.leave();
    }
  }

  /** To be called with an empty intake: rows of models that share a template go through it. */
  private void scoreBatches(Outlet<Row> output) throws BadRowException {
    Map<ChosenModel, Batch> all = batches;
    forgetBatches();
    for (Batch batch : all.values()) {
      try (CachedModel.Lease inUse = scorer.acquireMixed(batch.model(), output)) {
        if (inUse == null) {
          scorer.score(batch, output);
          continue;
        }
        for (int i = 0; i < batch.size(); i++) {
          intake.add(batch.rows(), i, batch.model(), inUse);
          if (intake.isFull()) {
            scoreIntake(output);
            intake.letGo(scorer.models().drops());
          }
        }
      }
    }
    scoreIntake(output);
    intake.letGo(scorer.models().drops());
  }

  private void forgetBatches() {
    batches = new HashMap<>();
    batchedRows = 0;
    batchedBytes = 0;
  }

  /** From any thread; what a running method uses is freed when that ends. */
  @Override
  public void close() {
    occupancy.close();
  }
}
