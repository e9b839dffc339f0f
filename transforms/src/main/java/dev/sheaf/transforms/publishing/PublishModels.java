package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.train.Task;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.windowing.AfterProcessingTime;
import org.apache.beam.sdk.transforms.windowing.AfterWatermark;
import org.apache.beam.sdk.transforms.windowing.DefaultTrigger;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PInput;
import org.apache.beam.sdk.values.POutput;
import org.apache.beam.sdk.values.PValue;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.joda.time.Duration;

/**
 * Publishes models as one new version of a store, or one per window, then moves the store's
 * champion alias to those that the gate lets through.
 *
 * <p>Of a bounded collection in the global window, at most one model per key, it makes one version.
 * Models are spread over shards by a hash of their key and written in parallel, one zip per shard,
 * each shard's models in memory at once; one worker then writes the index, the manifest and the
 * alias. The property {@code version} is added to the metadata of each model.
 *
 * <p>Of a collection in other windows, bounded or not, it makes a version per window, named after
 * the window's end, and another, with a suffix such as {@code -late1}, of the late models that come
 * for it together, see {@link #withLateWait}; of several models for a key the one of most rows
 * counts. One worker writes all of a version. What serves a key is never replaced by a version of
 * an earlier window. A version that is there already is not written again: rows read anew after a
 * crash may fall into panes otherwise, and what was published first stands; models that no version
 * of the window has, or only of fewer rows, become another late one.
 *
 * <p>Keys that the gate rejects, and keys that were served before and have no model now, keep what
 * serves them by overrides in the alias: nothing that was served disappears.
 *
 * <p>A bundle that is tried again or run twice comes to the same result. After a crash at any point
 * the alias serves what it served before, and either the version is not there or it is whole; the
 * same version may be published again with the same models, and any other version at once. No
 * models: no version is made, the alias stays, and {@link Result#version} says 0 models.
 *
 * <p>Two publishes into one store at once: both versions are whole. The one that comes second to
 * the alias finds it changed and fails, with its version stored and not promoted. Only if both look
 * at the alias before either writes it does the last one win, whole.
 *
 * <p>In the global window the version's name is fixed when this transform is made, so that all
 * attempts agree on it; a pipeline that is built once and run many times needs a new one each time.
 *
 * <p>Counters: {@code models_published}, {@code models_promoted}, {@code models_rejected}, {@code
 * models_kept}, {@code model_byte_size} (sum over the models written).
 *
 * <pre>{@code
 * PublishModels.Result published =
 *     trained.models().apply(
 *         PublishModels.to(ModelStore.at("/models/sales")).promoteIf(Gate.betterThanChampion()));
 * }</pre>
 */
public final class PublishModels
    extends PTransform<PCollection<CandidateModel>, PublishModels.Result> {
  private static final long serialVersionUID = 1L;

  /** The property of a version that says what its models are for, see {@link #withTask}. */
  public static final String TASK = "sheaf.task";

  /** Shards unless told otherwise. */
  public static final int DEFAULT_SHARDS = 16;

  /**
   * The rows of {@link Result#verdicts}: {@code STATUS} is {@code PROMOTED}, {@code REJECTED},
   * {@code WITHHELD} (refused, and nothing served the key before), {@code KEPT} (the version has no
   * model for the key) or, with {@link Gate#never}, {@code STORED}; {@code VERSION} is the version
   * that was published; the errors are null where they are not known.
   */
  public static final Schema VERDICTS =
      Schema.builder()
          .addStringField("KEY")
          .addStringField("VERSION")
          .addStringField("STATUS")
          .addStringField("REASON")
          .addNullableField("LOSS", Schema.FieldType.DOUBLE)
          .addNullableField("CHAMPION_LOSS", Schema.FieldType.DOUBLE)
          .build();

  static final TupleTag<PublishedVersion> PUBLISHED = new TupleTag<>() {};
  static final TupleTag<Row> JUDGED = new TupleTag<>() {};

  private static final Duration USUAL_LATE_WAIT = Duration.standardSeconds(10);

  private final ModelStore store;
  private VersionId version;
  private boolean named;
  private Gate gate = Gate.betterThanChampion();
  private int shards = DEFAULT_SHARDS;
  private Map<String, String> properties = Map.of();
  private Duration lateWait = USUAL_LATE_WAIT;

  private PublishModels(ModelStore store, VersionId version) {
    this.store = store;
    this.version = version;
  }

  private PublishModels with(Consumer<PublishModels> change) {
    PublishModels changed = new PublishModels(store, version);
    changed.named = named;
    changed.gate = gate;
    changed.shards = shards;
    changed.properties = properties;
    changed.lateWait = lateWait;
    change.accept(changed);
    return changed;
  }

  /** Publishes to a store, as the version of this moment, if {@link Gate#betterThanChampion}. */
  public static PublishModels to(ModelStore store) {
    return to(store, Clock.systemUTC());
  }

  /** As {@link #to(ModelStore)}, with the moment read from a clock, once, now. */
  public static PublishModels to(ModelStore store, Clock clock) {
    return new PublishModels(store, VersionId.at(clock.instant()));
  }

  /** Decides which models serve; {@link Gate#betterThanChampion} unless told otherwise. */
  public PublishModels promoteIf(Gate newGate) {
    return with(changed -> changed.gate = newGate);
  }

  /**
   * Spreads the models over so many zips, 1 to 99999; {@value #DEFAULT_SHARDS} unless told
   * otherwise. More of them make more workers write, and less memory per worker.
   */
  public PublishModels withShards(int count) {
    if (count < 1 || count > 99_999) {
      throw new IllegalArgumentException(
          "cannot publish in " + count + " shards: valid are 1 to 99999");
    }
    return with(changed -> changed.shards = count);
  }

  /**
   * Names the version; the moment when this transform was made unless told otherwise. Refused where
   * there is a version per window.
   */
  public PublishModels withVersion(VersionId name) {
    return with(
        changed -> {
          changed.version = name;
          changed.named = true;
        });
  }

  /**
   * How long the late models of a window wait for others, by the clock, before they make a version
   * together; 0 or more, 10 seconds unless told otherwise. Only where there is a version per
   * window.
   */
  public PublishModels withLateWait(java.time.Duration wait) {
    if (wait.isNegative()) {
      throw new IllegalArgumentException(
          "withLateWait: a duration of 0 or more is needed, found " + wait);
    }
    return with(changed -> changed.lateWait = Duration.millis(wait.toMillis()));
  }

  /** Writes a property into the version's manifest: label, trainer, training window, ... */
  public PublishModels withProperty(String name, String value) {
    if (name.isEmpty() || name.startsWith("sheaf.")) {
      throw new IllegalArgumentException(
          "cannot write the property \""
              + name
              + "\": a name may not be empty, and those that begin with sheaf. are taken");
    }
    return withAnyProperty(name, value);
  }

  private PublishModels withAnyProperty(String name, String value) {
    Map<String, String> more = new TreeMap<>(properties);
    more.put(name, value);
    return with(changed -> changed.properties = Map.copyOf(more));
  }

  /**
   * Writes down what the models are for, as the manifest's property {@value #TASK}: {@code
   * regression}, {@code quantile} or {@code classification}; so a reader need not open a model.
   */
  public PublishModels withTask(Task task) {
    return withAnyProperty(TASK, task.getClass().getSimpleName().toLowerCase(Locale.ROOT));
  }

  /** The name that the version of a collection in the global window will have. */
  public VersionId version() {
    return version;
  }

  @Override
  public Result expand(PCollection<CandidateModel> models) {
    PCollectionTuple finished =
        models.getWindowingStrategy().getWindowFn() instanceof GlobalWindows
            ? oneVersion(models)
            : versionPerWindow(models);
    return new Result(
        models.getPipeline(),
        finished.get(PUBLISHED).setCoder(PublishedVersionCoder.of()),
        finished.get(JUDGED).setRowSchema(VERDICTS));
  }

  private PCollectionTuple versionPerWindow(PCollection<CandidateModel> models) {
    if (named) {
      throw new IllegalArgumentException(
          "withVersion: a version per window is named after its window; the windows of "
              + models.getName()
              + " are "
              + models.getWindowingStrategy().getWindowFn());
    }
    return models
        .apply(
            "OnePane",
            Window.<CandidateModel>configure()
                .triggering(
                    AfterWatermark.pastEndOfWindow()
                        .withLateFirings(
                            AfterProcessingTime.pastFirstElementInPane().plusDelayOf(lateWait)))
                .withAllowedLateness(models.getWindowingStrategy().getAllowedLateness())
                .discardingFiredPanes())
        .apply("Together", WithKeys.of(0))
        .setCoder(KvCoder.of(VarIntCoder.of(), CandidateModelCoder.of()))
        .apply("Gather", GroupByKey.create())
        .apply(
            "CommitAndPromote",
            ParDo.of(new PublishWindow(store, gate, shards, properties))
                .withOutputTags(PUBLISHED, TupleTagList.of(JUDGED)));
  }

  private PCollectionTuple oneVersion(PCollection<CandidateModel> models) {
    if (models.isBounded() != IsBounded.BOUNDED) {
      throw new IllegalArgumentException(
          "cannot publish the models of "
              + models.getName()
              + ": it is unbounded and in the global window, and a version is complete at some"
              + " point; valid are bounded collections, and windows that end");
    }
    // Written shards travel as bytes: runners that copy what they gather copy no entries one by
    // one.
    KvCoder<Integer, byte[]> gathered = KvCoder.of(VarIntCoder.of(), ByteArrayCoder.of());
    PCollection<KV<Integer, byte[]>> written =
        models
            .apply(
                "OnePane",
                Window.<CandidateModel>into(new GlobalWindows())
                    .triggering(DefaultTrigger.of())
                    .withAllowedLateness(Duration.ZERO)
                    .discardingFiredPanes())
            .apply("StampVersion", ParDo.of(new StampVersion(version, shards)))
            .setCoder(KvCoder.of(VarIntCoder.of(), CandidateModelCoder.of()))
            .apply("GroupByShard", GroupByKey.create())
            .apply("WriteShards", ParDo.of(new WriteShard(store, version, shards)))
            .setCoder(gathered);
    // Makes the last step run even if there is no model.
    PCollection<KV<Integer, byte[]>> started =
        models.getPipeline().apply("Start", Create.of(KV.of(0, new byte[0])).withCoder(gathered));
    Publication publication =
        new Publication(store, version, gate, Publication.Order.FREE, properties);
    return PCollectionList.of(written)
        .and(started)
        .apply("WithStart", Flatten.pCollections())
        .apply("Gather", GroupByKey.create())
        .apply(
            "CommitAndPromote",
            ParDo.of(new FinishVersion(publication))
                .withOutputTags(PUBLISHED, TupleTagList.of(JUDGED)));
  }

  /** What publishing came to, once the alias is written. */
  public static final class Result implements POutput {
    private final Pipeline pipeline;
    private final PCollection<PublishedVersion> version;
    private final PCollection<Row> verdicts;

    private Result(
        Pipeline pipeline, PCollection<PublishedVersion> version, PCollection<Row> verdicts) {
      this.pipeline = pipeline;
      this.version = version;
      this.verdicts = verdicts;
    }

    /**
     * The version that was published, or one with 0 models; where there is a version per window,
     * each of them.
     */
    public PCollection<PublishedVersion> version() {
      return version;
    }

    /** One row per key, as {@link PublishModels#VERDICTS} says. */
    public PCollection<Row> verdicts() {
      return verdicts;
    }

    @Override
    public Pipeline getPipeline() {
      return pipeline;
    }

    @Override
    public Map<TupleTag<?>, PValue> expand() {
      return Map.of(PUBLISHED, version, JUDGED, verdicts);
    }

    @Override
    public void finishSpecifyingOutput(
        String transformName, PInput input, PTransform<?, ?> transform) {}
  }
}
