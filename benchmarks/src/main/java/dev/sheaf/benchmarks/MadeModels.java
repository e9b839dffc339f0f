package dev.sheaf.benchmarks;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Models for the keys 0, 1, 2, ... made quickly: fitted to a few rows, exported, not judged.
 *
 * @param trainer what fits them
 * @param keys how many keys have a model
 * @param distinct how many are fitted; the keys beyond them have one of these, in a file of their
 *     own that says their key, so that each is a model of its own to the store and the cache
 * @param rows rows that each is fitted to
 */
record MadeModels(Trainer trainer, int keys, int distinct, int rows) {
  static final int FEATURES = 8;
  private static final int SHARDS = 16;
  private static final String KEY = "key";

  private KeyedRows shape() {
    return new KeyedRows(keys, rows, FEATURES);
  }

  FittedModel fit(int key, int seed) throws TrainingException {
    RowBlock block = shape().block(key, seed);
    return trainer.fit(new TrainingTable(shape().tableSchema(), block));
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

  /** Publishes a version with all models and lets it serve. */
  VersionId publish(ModelStore store, Instant time, int seed) {
    List<byte[]> fitted = new ArrayList<>();
    for (int key = 0; key < distinct && distinct < keys; key++) {
      fitted.add(onnx(key, seed));
    }
    IntFunction<byte[]> models =
        fitted.isEmpty()
            ? key -> onnx(key, seed)
            : key ->
                ModelMetadata.withProperty(
                    fitted.get(key % fitted.size()), KEY, Integer.toString(key));
    return publish(store, time, keys, models);
  }

  /** Publishes given models, one shard after the other, and lets the version serve. */
  static VersionId publish(ModelStore store, Instant time, int keys, IntFunction<byte[]> models) {
    VersionId version = VersionId.at(time);
    VersionWriter writer = store.write(version);
    List<List<String>> byShard = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      byShard.add(new ArrayList<>());
    }
    for (int key = 0; key < keys; key++) {
      String text = Integer.toString(key);
      byShard.get(VersionWriter.shardOf(ModelScope.key(text).storeKey(), SHARDS)).add(text);
    }
    List<ShardEntries> written = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      List<CandidateModel> candidates =
          byShard.get(shard).stream()
              .map(
                  key ->
                      CandidateModel.of(
                          ModelScope.key(key).storeKey(),
                          models.apply(Integer.parseInt(key)),
                          1,
                          Map.of()))
              .toList();
      if (!candidates.isEmpty()) {
        written.add(writer.writeShard(shard, SHARDS, candidates));
      }
    }
    writer.commit(written, List.of(), Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(version));
    return version;
  }
}
