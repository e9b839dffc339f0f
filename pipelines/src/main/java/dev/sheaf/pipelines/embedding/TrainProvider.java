package dev.sheaf.pipelines.embedding;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.pipelines.TrainingOptions.Promotion;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.publishing.PublishedVersion;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SimpleFunction;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** Trains one model per key and publishes them as a version; see {@link TrainPerKey}. */
public final class TrainProvider implements SchemaTransformProvider {
  private static final Schema CONFIGURATION =
      Schema.of(
          Parameters.required("model_store", "Folder of the model store"),
          Parameters.required("key", "Column with one model per value"),
          Parameters.required("label", "Column to predict"),
          Parameters.texts(
              "features",
              "Columns to predict from, each as COLUMN, COLUMN:category, COLUMN:number or"
                  + " COLUMN:year+month+day_of_week"),
          Parameters.text("trainer", "Algorithm: linear (unless set), xgboost:rounds=50, ..."),
          Parameters.text(
              "holdout", "Rows to judge each model by: fraction:0.2 (unless set), none, ..."),
          Parameters.text("weight", "Column of weights by which rows count"),
          Parameters.texts("group_models", "Columns with one more model per value"),
          Parameters.flag("global_model", "Trains one more model on all rows"),
          Parameters.number("minimum_rows", "Training rows below which a key gets no model"),
          Parameters.text("promote", "When a new model serves: better (unless set), always, never"),
          Parameters.text("model_version", "Version to publish as; made from the time unless set"),
          Parameters.text(
              "run_id",
              "Name of the run; a run of the same name again trains only what failed or changed"),
          Parameters.errorHandling());

  private static final Schema PUBLISHED =
      Schema.builder()
          .addStringField("VERSION")
          .addInt64Field("MODELS")
          .addInt64Field("PROMOTED")
          .addInt64Field("REJECTED")
          .addInt64Field("KEPT")
          .build();

  @Override
  public String identifier() {
    return "beam:schematransform:dev.sheaf:train:v1";
  }

  @Override
  public String description() {
    return "Trains one model for each value of a key column, publishes them as one version of the"
        + " model store, and tells what became of each key (output ledger) and of the version"
        + " (output published). Bounded input.";
  }

  @Override
  public Schema configurationSchema() {
    return CONFIGURATION;
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of("input");
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of("ledger", "published");
  }

  @Override
  public SchemaTransform from(Row configuration) {
    return new Train(new Parameters(configuration));
  }

  private static final class Train extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final transient Parameters parameters;

    Train(Parameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      ModelStore store =
          Parameters.read("model_store", () -> ModelStore.at(parameters.required("model_store")));
      Trainer trainer =
          Parameters.read(
              "trainer", () -> Trainers.parse(parameters.find("trainer").orElse("linear")));
      Promotion promotion = parameters.constant("promote", Promotion.BETTER);
      Optional<CollectedErrors> errors = CollectedErrors.of(parameters);
      TrainPerKey train = training(store, trainer, promotion);
      TrainPerKey.Result trained =
          input
              .getSinglePCollection()
              .apply("TrainPerKey", errors.map(train::withBadRecordErrorHandler).orElse(train));
      PublishModels publish =
          PublishModels.to(store).withTask(trainer.task()).promoteIf(gate(promotion));
      PCollection<Row> published =
          trained
              .models()
              .apply(
                  "PublishModels",
                  parameters
                      .find("model_version")
                      .map(version -> publish.withVersion(version(version)))
                      .orElse(publish))
              .version()
              .apply("ToRow", MapElements.via(new ToRow()))
              .setRowSchema(PUBLISHED);
      PCollectionRowTuple output =
          PCollectionRowTuple.of(
              "ledger",
              trained.ledger().apply("Portable", new PortableRows()),
              "published",
              published);
      return errors.map(collected -> collected.addTo(output)).orElse(output);
    }

    private TrainPerKey training(ModelStore store, Trainer trainer, Promotion promotion) {
      TrainPerKey train =
          TrainPerKey.on(parameters.required("key"))
              .withLabel(parameters.required("label"))
              .withFeatures(parameters.list("features"))
              .withTrainer(trainer)
              .withHoldout(
                  Parameters.read(
                      "holdout",
                      () -> Holdout.parse(parameters.find("holdout").orElse("fraction:0.2"))));
      train = parameters.find("weight").map(train::withWeight).orElse(train);
      train = parameters.whole("minimum_rows").map(train::withMinimumRows).orElse(train);
      List<String> groups = parameters.list("group_models");
      train = groups.isEmpty() ? train : train.withGroupModels(groups.toArray(String[]::new));
      train = parameters.isSet("global_model") ? train.withGlobalModel() : train;
      train = promotion == Promotion.BETTER ? train.withChampionsOf(store) : train;
      TrainPerKey unnamed = train;
      return parameters
          .find("run_id")
          .map(run -> unnamed.withRunId(run).recordedIn(RunStore.at(store.location())))
          .orElse(unnamed);
    }

    private static VersionId version(String text) {
      return Parameters.read("model_version", () -> VersionId.ofText(text));
    }

    private static Gate gate(Promotion promotion) {
      return switch (promotion) {
        case ALWAYS -> Gate.always();
        case BETTER -> Gate.betterThanChampion();
        case NEVER -> Gate.never();
      };
    }
  }

  private static final class ToRow extends SimpleFunction<PublishedVersion, Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public Row apply(PublishedVersion published) {
      return Row.withSchema(PUBLISHED)
          .addValues(
              published.version().text(),
              published.models(),
              published.promoted(),
              published.rejected(),
              published.kept())
          .build();
    }
  }
}
