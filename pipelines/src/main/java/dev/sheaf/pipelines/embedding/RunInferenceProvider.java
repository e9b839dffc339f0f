package dev.sheaf.pipelines.embedding;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.pipelines.Provider;
import dev.sheaf.pipelines.ProviderOptions;
import dev.sheaf.pipelines.Serving;
import dev.sheaf.transforms.inference.RunInference;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** Scores rows with the models of a store; see {@link RunInference}. */
public final class RunInferenceProvider implements SchemaTransformProvider {
  private static final Schema CONFIGURATION =
      Schema.of(
          Parameters.required("model_store", "Folder of the model store"),
          Parameters.required("key", "Column whose value names the model"),
          Parameters.texts(
              "fallback",
              "Columns of groups whose model scores a row that has none of its own, in this order"),
          Parameters.text("alias", "Alias of the models to score with; champion unless set"),
          Parameters.text(
              "model_version", "Version to score with instead of what the alias serves"),
          Parameters.text(
              "refreshed_every",
              "How often workers look for another version, such as PT1M; unless set, what serves"
                  + " when the pipeline is built scores to its end"),
          Parameters.number(
              "maximum_batch_size", "Most rows in one call of a model; 4096 unless set"),
          Parameters.text("provider", "Where models compute: cpu (unless set), cuda or tensorrt"),
          Parameters.text("worker_gpu", "GPU that the runner gives its workers, such as nvidia-l4"),
          Parameters.errorHandling());

  @Override
  public String identifier() {
    return "beam:schematransform:dev.sheaf:run_inference:v1";
  }

  @Override
  public String description() {
    return "Scores each row with the model of its key, inside the worker. The models' features are"
        + " found among the columns by name, without regard to case. Adds PREDICTION, MODEL_KEY,"
        + " MODEL_VERSION, FALLBACK_LEVEL, LAYER and SCORED_AT; of classifiers also PROBABILITY and"
        + " PROBABILITIES.";
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
    return List.of("output");
  }

  @Override
  public SchemaTransform from(Row configuration) {
    return new Score(new Parameters(configuration));
  }

  private static final class Score extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final transient Parameters parameters;

    Score(Parameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      PCollection<Row> rows = input.getSinglePCollection();
      Optional<CollectedErrors> errors = CollectedErrors.of(parameters);
      RunInference score = inference(rows.getSchema());
      PCollection<Row> scored =
          rows.apply("RunInference", errors.map(score::withBadRecordErrorHandler).orElse(score));
      PCollectionRowTuple output =
          PCollectionRowTuple.of("output", scored.apply("Portable", new PortableRows()));
      return errors.map(collected -> collected.addTo(output)).orElse(output);
    }

    private RunInference inference(Schema schema) {
      ModelStore store =
          Parameters.read("model_store", () -> ModelStore.at(parameters.required("model_store")));
      String alias = parameters.find("alias").orElse(ModelStore.CHAMPION);
      Serving serving = Serving.of(store, alias, parameters.find("model_version").orElse(null));
      RunInference score =
          parameters
              .duration("refreshed_every")
              .map(interval -> RunInference.with(store.aliased(alias)).refreshedEvery(interval))
              .orElseGet(() -> RunInference.with(serving.selection()))
              .keyedBy(parameters.required("key"))
              .fallingBackTo(serving.groups(parameters.list("fallback"), schema));
      RunInference batched =
          parameters.whole("maximum_batch_size").map(score::withMaximumBatchSize).orElse(score);
      return provider().place(serving.classifies() ? batched.classifying() : batched);
    }

    private Provider provider() {
      ProviderOptions options = PipelineOptionsFactory.as(ProviderOptions.class);
      parameters.find("provider").ifPresent(options::setProvider);
      parameters.find("worker_gpu").ifPresent(options::setWorkerGpu);
      return Provider.of(options);
    }
  }
}
