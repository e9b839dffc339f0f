package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.mlp.Mlp;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows of numbers, which are read before their models are known, beside rows that cannot be, that
 * are refused, and that other models score.
 */
final class ReadAheadTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addNullableField("STORE", FieldType.STRING)
          .addNullableField("PRICE", FieldType.DOUBLE)
          .addInt64Field("UNITS")
          .build();
  private static final TableSchema TABLE =
      new TableSchema(
          List.of(
              new Feature("PRICE", FeatureType.FLOAT), new Feature("UNITS", FeatureType.INTEGER)),
          "SALES");
  private static final int KEYS = 40;
  private static final int ROWS = 5000;

  @TempDir private static Path folder = Path.of("");
  private static ModelStore store = ModelStore.at("unset");
  private static final Map<String, ModelSession> SESSIONS = new HashMap<>();

  @BeforeAll
  static void publish() {
    store = ModelStore.at(folder.resolve("models").toString());
    List<CandidateModel> models = new ArrayList<>();
    for (int k = 0; k < KEYS; k++) {
      byte[] onnx = train(k);
      models.add(ScoredRows.model(ModelScope.key("s" + k), onnx));
      SESSIONS.put("s" + k, ModelSession.open(onnx, ExecutionProvider.cpu()));
    }
    ScoredRows.publish(store, models.toArray(CandidateModel[]::new));
  }

  /** Nine of ten keys have models that share a template. */
  private static byte[] train(int key) {
    Trainer trainer =
        key % 10 == 4
            ? Mlp.regression().withHidden(4).withEpochs(2)
            : key % 20 == 9 ? Xgboost.regression().withRounds(3) : Linear.regression();
    Random random = new Random(key);
    RowBlock.Builder rows = RowBlock.builder(TABLE);
    for (int i = 0; i < 60; i++) {
      double price = 50 * random.nextGaussian();
      int units = random.nextInt(9);
      double label = key + units * 3 + price * (1 + key % 7) + random.nextGaussian();
      rows.append(new double[] {price, units}, label, i, 0);
    }
    return Objects.requireNonNull(
        KeyTrainer.of(trainer, Holdout.none(), TABLE)
            .train("s" + key, List.of(rows.build()))
            .onnx());
  }

  private static @Nullable Double expected(Row row) {
    ModelSession session = SESSIONS.get(String.valueOf(row.getString("STORE")));
    if (session == null) {
      return null;
    }
    InputColumns columns = InputColumns.of(TABLE.features(), 1);
    Double price = row.getDouble("PRICE");
    columns.numbers(0)[0] = price == null ? Double.NaN : price;
    columns.numbers(1)[0] = Objects.requireNonNull(row.getInt64("UNITS"));
    return session.predict(columns)[0];
  }

  private static double price(int kind, Random random) {
    return kind == 0
        ? Double.NEGATIVE_INFINITY
        : kind == 4 ? Double.NaN : 50 * random.nextGaussian();
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 1000, 7, 1})
  void everyRowHasTheBitsOfItsOwnModelOrItsReason(int batch) {
    Random random = new Random(batch);
    List<Row> rows = new ArrayList<>();
    int infinite = 0;
    int withoutKey = 0;
    for (int i = 0; i < ROWS; i++) {
      int kind = random.nextInt(25);
      infinite += kind == 0 ? 1 : 0;
      withoutKey += kind == 1 ? 1 : 0;
      String key = kind == 1 ? null : kind == 2 ? "unknown" : "s" + random.nextInt(KEYS);
      Double price = kind == 3 ? null : Double.valueOf(price(kind, random));
      rows.add(
          Row.withSchema(EVENTS).addValues((long) i, key, price, (long) random.nextInt(9)).build());
    }
    ScoredRows scored =
        ScoredRows.of(
            RunInference.with(store.champion()).keyedBy("STORE").withBatching(Batching.upTo(batch)),
            EVENTS,
            rows.toArray(Row[]::new));
    assertEquals(ROWS - infinite - withoutKey, scored.size());
    List<String> reasons = new ArrayList<>(Collections.nCopies(infinite, "PRICE is infinite"));
    reasons.addAll(Collections.nCopies(withoutKey, "the key STORE is NULL"));
    assertEquals(reasons, scored.reasons());
    for (Row row : rows) {
      Double price = row.getDouble("PRICE");
      if (row.getString("STORE") != null && (price == null || !price.isInfinite())) {
        Row found = scored.row(Objects.requireNonNull(row.getInt64("ID")));
        assertEquals(expected(row), found.getDouble("PREDICTION"), () -> "of " + row);
      }
    }
  }
}
