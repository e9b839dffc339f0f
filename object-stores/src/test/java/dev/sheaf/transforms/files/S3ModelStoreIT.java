package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Training, publishing and inference with a model store on a server that speaks S3. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class S3ModelStoreIT {
  private static final VersionId FIRST = VersionId.ofText("20261101T010203.004Z");
  private static final VersionId SECOND = VersionId.ofText("20261102T020304.005Z");
  private static final int KEYS = 20;
  private static final int ROWS = 60;
  private static final Schema SALES =
      Schema.builder()
          .addInt32Field("STORE")
          .addDoubleField("PRICE")
          .addDoubleField("SALES")
          .build();

  @Test
  void whatTwoTrainingsPublishServesRowsUntilTheServerFails() throws Exception {
    try (S3Server server = new S3Server()) {
      PipelineOptions options = server.options();
      BeamStoreFilesProvider.useOptions(options);
      ModelStore store = ModelStore.at(server.place());

      train(options, store, FIRST, 0.1, 0.1);
      assertEquals(Optional.of(Alias.to(FIRST)), store.alias("champion"));

      train(options, store, SECOND, 0.01, 2);
      Map<String, VersionId> odd = new HashMap<>();
      for (int key = 1; key < KEYS; key += 2) {
        odd.put(Integer.toString(key), FIRST);
      }
      assertEquals(Optional.of(new Alias(SECOND, odd)), store.alias("champion"));
      assertEquals(List.of(FIRST, SECOND), store.versions());

      score(options, store);
      outage(store, server);
    }
  }

  private static void train(
      PipelineOptions options, ModelStore store, VersionId version, double even, double odd) {
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(Create.of(rows(even, odd)).withRowSchema(SALES))
        .apply(
            TrainPerKey.on("STORE")
                .withLabel("SALES")
                .withFeatures("PRICE")
                .withTrainer(Linear.regression())
                .withHoldout(Holdout.fraction(0.2)))
        .models()
        .apply(
            PublishModels.to(store)
                .withVersion(version)
                .withShards(3)
                .promoteIf(Gate.betterThanChampion()));
    pipeline.run().waitUntilFinish();
  }

  private static void score(PipelineOptions options, ModelStore store) {
    Pipeline pipeline = Pipeline.create(options);
    List<KV<String, Long>> expected = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      expected.add(KV.of(key + " " + (key % 2 == 0 ? SECOND : FIRST) + " near", (long) ROWS));
    }
    PAssert.that(
            pipeline
                .apply(Create.of(rows(0, 0)).withRowSchema(SALES))
                .apply(RunInference.with(store.champion()).keyedBy("STORE"))
                .apply(MapElements.into(TypeDescriptors.strings()).via(S3ModelStoreIT::prediction))
                .apply(Count.perElement()))
        .containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  private static String prediction(Row row) {
    double off =
        Objects.requireNonNull(row.getDouble("PREDICTION"))
            - Objects.requireNonNull(row.getDouble("SALES"));
    return row.getInt32("STORE")
        + " "
        + row.getString("MODEL_VERSION")
        + (Math.abs(off) < 0.2 ? " near" : " far, by " + off);
  }

  private static void outage(ModelStore store, S3Server server) {
    ModelVersion version = store.version(SECOND);
    assertEquals(KEYS, version.index().size());
    server.fail();
    everythingIsAnOutage(store, version);
    server.stop();
    everythingIsAnOutage(store, version);
  }

  private static void everythingIsAnOutage(ModelStore store, ModelVersion version) {
    for (Executable call :
        List.<Executable>of(
            () -> version.load("7"),
            () -> store.alias("champion"),
            () -> store.version(FIRST),
            store::versions,
            store::checkWritable)) {
      StoreException e = assertThrows(StoreException.class, call);
      assertEquals(StoreException.Reason.OUTAGE, e.reason(), e.toString());
    }
  }

  /** Sales of 20 stores, each {@code STORE * PRICE + 1} and noise. */
  private static List<Row> rows(double evenNoise, double oddNoise) {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      for (int i = 0; i < ROWS; i++) {
        double price = random.nextDouble();
        double noise = random.nextGaussian() * (key % 2 == 0 ? evenNoise : oddNoise);
        rows.add(Row.withSchema(SALES).addValues(key, price, key * price + 1 + noise).build());
      }
    }
    return rows;
  }
}
