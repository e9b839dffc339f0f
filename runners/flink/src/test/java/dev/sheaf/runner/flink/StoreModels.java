package dev.sheaf.runner.flink;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ShardEntries;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Versions whose models say which they are: the model of store {@code s} in version {@code v} gives
 * {@code 1000 v + s + 2 price}.
 */
final class StoreModels {
  static final int STORES = 50;

  private static final TableSchema TABLE =
      new TableSchema(List.of(new Feature("PRICE", FeatureType.FLOAT)), "SALES");

  private final ModelStore store;

  StoreModels(Path folder) {
    this.store = ModelStore.at(folder.toString());
  }

  String location() {
    return store.location();
  }

  ModelStore store() {
    return store;
  }

  static VersionId version(int number) {
    return VersionId.at(Instant.parse("2026-11-01T00:00:00Z").plusSeconds(60L * number));
  }

  static double prediction(String version, int ofStore, double price) {
    long number =
        (VersionId.ofText(version).time().getEpochSecond()
                - Instant.parse("2026-11-01T00:00:00Z").getEpochSecond())
            / 60;
    return 1000.0 * number + ofStore + 2 * price;
  }

  /** Publishes a version and lets it serve. */
  void publish(int number) throws TrainingException {
    List<CandidateModel> models = new ArrayList<>();
    for (int key = 0; key < STORES; key++) {
      models.add(
          CandidateModel.of(
              ModelScope.key(Integer.toString(key)).storeKey(), onnx(number, key), 4, Map.of()));
    }
    promote(number, models);
  }

  private void promote(int number, List<CandidateModel> models) {
    ShardEntries shard = store.write(version(number)).writeShard(0, 1, models);
    store.write(version(number)).commit(List.of(shard), List.of(), Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(version(number)));
  }

  /** Lets a version serve whose files are cut short. */
  void publishBroken(int number) throws TrainingException {
    List<CandidateModel> models = new ArrayList<>();
    for (int key = 0; key < STORES; key++) {
      byte[] whole = onnx(number, key);
      models.add(
          CandidateModel.of(
              ModelScope.key(Integer.toString(key)).storeKey(),
              Arrays.copyOf(whole, whole.length / 2),
              4,
              Map.of()));
    }
    promote(number, models);
  }

  private static byte[] onnx(int number, int key) throws TrainingException {
    RowBlock.Builder rows = RowBlock.builder(TABLE);
    for (int price = 1; price <= 4; price++) {
      rows.append(new double[] {price}, 1000.0 * number + key + 2 * price, price, 0);
    }
    Trainer trainer = Trainers.parse("linear");
    try (FittedModel model = trainer.fit(new TrainingTable(TABLE, rows.build()))) {
      return model.toOnnx(
          new ModelMetadata(
              Integer.toString(key),
              "SALES",
              TABLE.features(),
              trainer.name(),
              Map.of(),
              4,
              "none"));
    }
  }
}
