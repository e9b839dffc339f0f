package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.BatchShape;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.inference.ChosenModel.Manner;
import dev.sheaf.transforms.inference.LoadedModel.Alone;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows to the calls of their models for one DoFn instance, with the lanes, buffers and
 * readers that it keeps between bundles.
 */
final class RowScorer implements AutoCloseable {
  /** Rows after which a model that nothing shares a template with has one all the same. */
  private static final int MANY = 32_768;

  private final Models models;
  private final RowCalls calls;
  private final ScorePlan plan;
  private final ScoreSettings settings;
  private final Intake intake;
  private final Map<List<Feature>, Inputs> inputs = new HashMap<>();
  private final Map<BatchShape, BatchBuffers> buffers = new HashMap<>();
  private final Lanes lanes = new Lanes();

  /** For rows that a model scores alone; made for the features that were last asked for. */
  private @Nullable SoloLane solo;

  /** The model that it was used for last, and how many of its rows; {@link #MANY} at most. */
  private @Nullable ChosenModel soloModel;

  private int soloRows;

  /** The lane that most rows of the last intake went to, and how many. */
  private @Nullable Lane usual;

  private int usualRows;

  RowScorer(Models models, Intake intake, ScorePlan plan, RowCalls calls) {
    this.models = models;
    this.intake = intake;
    this.plan = plan;
    this.settings = plan.settings();
    this.calls = calls;
  }

  @Override
  public void close() {
    lanes.close();
    buffers.values().forEach(BatchBuffers::close);
    models.close();
  }

  Models models() {
    return models;
  }

  void begin() {
    models.refresh();
  }

  void finish() {
    models.report();
  }

  /**
   * Forgets what was read of an intake's rows, which are scored, or of which there are none; gives
   * the lane that more than half of the last rows went to, or null.
   */
  @Nullable Lane endIntake() {
    lanes.all().forEach(Lane::clear);
    if (solo != null) {
      solo.clear();
    }
    if (2 * usualRows <= intake.rows().size()) {
      usual = null;
    }
    return usual;
  }

  /** What reads the features; null if the rows have no columns for them. */
  @Nullable Inputs knownInputs(List<Feature> features) {
    try {
      return inputs(features);
    } catch (IllegalArgumentException toldWhenItIsLoaded) {
      return null;
    }
  }

  private Inputs inputs(List<Feature> features) {
    Inputs known = inputs.get(features);
    if (known == null) {
      known = new Inputs(features, plan.schema());
      inputs.put(features, known);
    }
    return known;
  }

  /** Adds the rows of the intake whose templates have lanes to those, and leaves the others. */
  void expectMixed() {
    int size = intake.rows().size();
    if (size > 0) {
      usual = null;
      usualRows = 0;
    }
    for (int i = 0; i < size; i++) {
      if (!expect(i)) {
        intake.leave(i);
      }
    }
  }

  /** Adds a row of the intake to those of its lane; false if there is none. */
  private boolean expect(int place) {
    NearModels near = intake.models();
    int model = intake.modelPlace(place);
    SharedTemplate template = model == NearModels.NONE ? null : near.template(model);
    TemplateLane lane = template == null ? null : lanes.find(template);
    if (lane == null) {
      return false;
    }
    near.served(model);
    models.hit(1);
    if (models.cacheFillsUp()) {
      near.cached(model).touch();
    }
    lane.expect(place);
    return true;
  }

  /**
   * Adds a row that was left, whose model may have to be loaded, to those of its lane; they are
   * scored by {@link #scoreExpected}. False if it is to be scored otherwise.
   */
  boolean expectLeft(int place, ChosenModel model, Outlet<Row> output) throws BadRowException {
    Manner manner = model.manner();
    if (manner == null || !manner.mixed()) {
      return false;
    }
    intake.lookAgain(place, model);
    if (expect(place)) {
      return true;
    }
    try (CachedModel.Lease inUse = acquireMixed(model, output)) {
      if (inUse == null) {
        return false;
      }
      intake.nowLoaded(place, model, inUse);
    }
    return expect(place);
  }

  /**
   * A model whose rows go through a template with those of others, to be closed by the caller; the
   * template has a lane then. Null if they do not, or if it cannot be used: who scores them is told
   * why.
   */
  CachedModel.@Nullable Lease acquireMixed(ChosenModel model, Outlet<Row> output)
      throws BadRowException {
    Manner manner = model.manner();
    if (manner != null && !manner.mixed()) {
      return null;
    }
    CachedModel.Lease lease;
    try {
      // The rows are counted when they are expected.
      lease = models.acquire(model, 0);
    } catch (ModelUnusableException toldWhenItIsScored) {
      return null;
    }
    boolean mixed = false;
    try {
      if (lease.model() instanceof Weighted weighted && weighted.isMixed()) {
        Inputs reader = usableInputs(weighted);
        if (reader != null) {
          lane(weighted, reader, output);
          mixed = true;
        }
      }
      return mixed ? lease : null;
    } finally {
      if (!mixed) {
        lease.close();
      }
    }
  }

  /** What reads the rows of a model; null if it cannot score them. */
  private @Nullable Inputs usableInputs(LoadedModel model) {
    try {
      plan.predictions().check(model.classes());
      return inputs(model.features());
    } catch (IllegalArgumentException toldWhenItIsScored) {
      return null;
    }
  }

  /** Scores the rows of the intake that lanes expect; what was read ahead is good no more. */
  void scoreExpected(Outlet<Row> output) throws BadRowException {
    for (TemplateLane lane : lanes.all()) {
      score(lane, output);
    }
  }

  /**
   * Scores rows that were left, of a model that is loaded and scores its rows alone; false if they
   * are to be put together with others, as on a GPU, for which a large call is better.
   *
   * @param model its place among the intake's models
   * @param rows how many rows were left that are of it
   */
  boolean scoreLeft(int model, int rows, Outlet<Row> output) throws BadRowException {
    ChosenModel chosen = intake.models().chosen(model);
    CachedModel.Lease lease;
    try {
      lease = models.acquire(chosen, 0);
    } catch (ModelUnusableException toldWhenItIsScored) {
      return false;
    }
    try (lease) {
      // It may have gone over to its template since the rows looked for it.
      boolean changed = lease.model() instanceof Weighted && !intake.models().hasWeights(model);
      Inputs reader = isSolo(lease.model()) && !changed ? usableInputs(lease.model()) : null;
      if (reader == null) {
        return false;
      }
      models.hit(rows);
      Lane lane = lane(chosen, lease.model(), reader, output);
      for (int i = 0; i < intake.leftSize(); i++) {
        if (intake.modelPlace(intake.left(i)) == model) {
          lane.expect(intake.left(i));
        }
      }
      chosen.served();
      score(lane, output);
      if (lease.model() instanceof Alone alone) {
        countSolo(chosen, alone, rows);
      }
      return true;
    }
  }

  /** A lane for rows of one model. */
  private Lane lane(ChosenModel chosen, LoadedModel model, Inputs reader, Outlet<Row> output)
      throws BadRowException {
    if (model instanceof Weighted weighted) {
      return lane(weighted, reader, output);
    }
    if (solo == null || solo.inputs() != reader) {
      solo = new SoloLane(reader, intake);
    }
    solo.use(call(chosen, model, intake.rows(), reader, solo.columns(), output));
    return solo;
  }

  /** Opening a template takes about as long as it saves in so many rows. */
  private void countSolo(ChosenModel chosen, Alone model, int rows) {
    if (chosen != soloModel) {
      soloModel = chosen;
      soloRows = 0;
    }
    if (soloRows < MANY && soloRows + rows >= MANY) {
      models.share(model);
    }
    soloRows = Math.min(MANY, soloRows + rows);
  }

  private static boolean isSolo(LoadedModel model) {
    return model instanceof Alone alone
        ? alone.session().activeProvider().equals(ExecutionProvider.cpu())
        : !model.isMixed();
  }

  /** Scores the rows that a lane expects. */
  private void score(Lane lane, Outlet<Row> output) throws BadRowException {
    int expected = lane.begin();
    if (expected > usualRows) {
      usual = lane;
      usualRows = expected;
    }
    for (int i = 0; i < expected; i++) {
      try {
        lane.read(i);
      } catch (BadRowException refusal) {
        calls.refuse(intake.rows(), lane.expected(i), refusal, output);
      }
    }
    int rows = lane.choose();
    if (rows > 0) {
      calls.predict(lane, 0, rows, lane.answers(), output);
    }
    lane.clear();
  }

  /** Scores rows of one model. */
  void score(Batch batch, Outlet<Row> output) throws BadRowException {
    try (CachedModel.Lease lease = models.acquire(batch.model(), batch.size())) {
      scoreWith(lease.model(), batch, output);
    } catch (ModelUnusableException e) {
      ChosenModel before = models.before(batch.model(), e);
      if (before != null) {
        score(batch.with(before), output);
        return;
      }
      calls.refuse(batch, e, output);
    }
  }

  private void scoreWith(LoadedModel model, Batch batch, Outlet<Row> output)
      throws BadRowException {
    Inputs reader;
    try {
      plan.predictions().check(model.classes());
      reader = inputs(model.features());
    } catch (IllegalArgumentException e) {
      throw new ModelUnusableException(batch.model().ref(), e);
    }
    batch.model().served();
    HeldRows rows = batch.rows();
    InputColumns columns = batch.columns();
    if (columns == null || batch.inputs() != reader) {
      rows = new HeldRows();
      columns = read(batch, reader, rows, output);
    }
    Call call = call(batch.model(), model, rows, reader, columns, output);
    int limit = model instanceof Weighted ? intake.capacity() : settings.maximumBatchSize();
    for (int from = 0; from < rows.size(); from += limit) {
      int size = Math.min(limit, rows.size() - from);
      Answers answers = new Answers(size, call.classes());
      calls.predict(call, from, size, answers, output);
    }
  }

  /** The call that scores rows with one model, which is in use. */
  private Call call(
      ChosenModel chosen,
      LoadedModel model,
      HeldRows rows,
      Inputs reader,
      InputColumns columns,
      Outlet<Row> output)
      throws BadRowException {
    if (model instanceof Weighted weighted) {
      TemplateLane lane = lane(weighted, reader, output);
      return new Call.OfWeights(
          chosen,
          rows,
          reader,
          columns,
          new Call.OfWeights.Weighted(weighted.weights(), lane.buffers(), model.classes()));
    }
    Alone alone = (Alone) model;
    BatchBuffers reused =
        buffers.computeIfAbsent(
            alone.session().shape(), shape -> new BatchBuffers(shape, settings.callLimit()));
    return new Call.OfSession(chosen, rows, reader, columns, alone.session(), reused);
  }

  /** Reads the inputs of a batch; the rows that can be read are added to {@code usable}. */
  private InputColumns read(Batch batch, Inputs reader, HeldRows usable, Outlet<Row> output)
      throws BadRowException {
    InputColumns columns = InputColumns.of(reader.features(), batch.size());
    HeldRows rows = batch.rows();
    for (int i = 0; i < rows.size(); i++) {
      try {
        reader.read(plan.predictions().columns(rows, i), columns, usable.size());
        usable.add(rows, i);
      } catch (BadRowException refusal) {
        calls.refuse(rows, i, refusal, output);
      }
    }
    return columns;
  }

  /** The lane of a template, opened if need be; to be called while the model is in use. */
  private TemplateLane lane(Weighted weighted, Inputs reader, Outlet<Row> output)
      throws BadRowException {
    TemplateLane lane = lanes.find(weighted.template());
    if (lane != null) {
      return lane;
    }
    TemplateLane surplus = lanes.surplus();
    if (surplus != null) {
      score(surplus, output);
      intake.models().lose(surplus.template());
      lanes.remove(surplus);
      usual = usual == surplus ? null : usual;
    }
    lane = TemplateLane.open(weighted.template(), reader, intake, settings.callLimit());
    lanes.add(lane);
    return lane;
  }
}
