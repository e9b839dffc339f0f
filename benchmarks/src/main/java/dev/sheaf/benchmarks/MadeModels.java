package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ShardEntries;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Models for the keys 0, 1, 2, ... made quickly: fitted to a few rows, exported, not judged.
 *
 * @param trainer what fits them
 * @param keys how many keys have a model
 * @param distinct how many are fitted; the keys beyond them have one of these, in a file of their
 *     own that says their key, so that each is a model of its own to the store and the cache
 * @param rows rows that each is fitted to
 */
record MadeModels(Trainer trainer, int keys, int distinct, int rows) implements Serializable {
  static final int FEATURES = 8;
  private static final int MOST_SHARDS = 16;
  private static final String KEY = "key";

  private KeyedRows shape() {
    return new KeyedRows(keys, rows, FEATURES);
  }

  FittedModel fit(int key, int seed) throws TrainingException {
    RowBlock block = shape().block(key, seed);
    return trainer.fit(new TrainingTable(shape().tableSchema(), block));
  }

  /** Models of a size that 100,000 of them fit on a disk. */
  static MadeModels small(String family, int keys) {
    return switch (family) {
      case "linear" -> new MadeModels(Trainers.parse("linear"), keys, keys, 16);
      case "trees" ->
          new MadeModels(Trainers.parse("xgboost:rounds=20,max_depth=4"), keys, 50, 1000);
      default ->
          throw new IllegalArgumentException(
              "no models of '" + family + "'; valid are linear, trees");
    };
  }

  /** What they are, for a title. */
  String text() {
    return trainer.name().equals("linear")
        ? "%,d linear models of %d features".formatted(keys, FEATURES)
        : "%,d XGBoost models of %s trees of depth %s"
            .formatted(
                keys, trainer.parameters().get("rounds"), trainer.parameters().get("max_depth"));
  }

  /** The ONNX file of a key; another one for another seed. */
  byte[] onnx(int key, int seed) {
    try (FittedModel model = fit(key, seed)) {
      return model.toOnnx(
          new ModelMetadata(
              Integer.toString(key),
              "Y",
              shape().tableSchema().features(),
              trainer.name(),
              Map.of(),
              rows,
              "none"));
    } catch (TrainingException e) {
      throw new IllegalStateException("cannot fit the model of key " + key, e);
    }
  }

  /** What gives the ONNX file of any key; fits the models that keys share at once. */
  IntFunction<byte[]> files(int seed) {
    if (distinct >= keys) {
      return key -> onnx(key, seed);
    }
    List<byte[]> fitted = IntStream.range(0, distinct).mapToObj(key -> onnx(key, seed)).toList();
    return key ->
        ModelMetadata.withProperty(fitted.get(key % distinct), KEY, Integer.toString(key));
  }

  /** Publishes a version with all models and lets it serve. */
  VersionId publish(ModelStore store, Instant time, int seed) {
    return publish(store, time, keys, files(seed));
  }

  /** Publishes given models, one shard after the other, and lets the version serve. */
  static VersionId publish(ModelStore store, Instant time, int keys, IntFunction<byte[]> models) {
    VersionId version = VersionId.at(time);
    VersionWriter writer = store.write(version);
    int shards = Math.min(MOST_SHARDS, 1 + keys / 1000);
    List<List<String>> byShard = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      byShard.add(new ArrayList<>());
    }
    for (int key = 0; key < keys; key++) {
      String text = Integer.toString(key);
      byShard.get(VersionWriter.shardOf(ModelScope.key(text).storeKey(), shards)).add(text);
    }
    List<ShardEntries> written = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      List<CandidateModel> candidates =
          byShard.get(shard).stream().map(key -> candidate(Integer.parseInt(key), models)).toList();
      if (!candidates.isEmpty()) {
        written.add(writer.writeShard(shard, shards, candidates));
      }
    }
    writer.commit(written, List.of(), Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(version));
    return version;
  }

  /** A key's model on its way into a store. */
  static CandidateModel candidate(int key, IntFunction<byte[]> models) {
    String storeKey = ModelScope.key(Integer.toString(key)).storeKey();
    return CandidateModel.of(storeKey, models.apply(key), 1, Map.of());
  }
}
