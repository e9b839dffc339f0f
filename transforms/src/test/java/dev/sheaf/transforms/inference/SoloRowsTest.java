package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows most of which are of one model, which are scored from where they came in. */
final class SoloRowsTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addNullableField("STORE", FieldType.STRING)
          .addNullableField("PRICE", FieldType.DOUBLE)
          .addInt64Field("UNITS")
          .addNullableField("STATE", FieldType.STRING)
          .build();
  private static final List<Feature> NUMBERS =
      List.of(new Feature("PRICE", FeatureType.FLOAT), new Feature("UNITS", FeatureType.INTEGER));
  private static final List<Feature> WITH_TEXT =
      List.of(
          new Feature("UNITS", FeatureType.INTEGER),
          new Feature("STATE", FeatureType.TEXT_CATEGORY));
  private static final String[] STATES = {"CA", "NY", "", "TX"};

  private final ModelCache cache = ModelCache.shared();
  private final Map<String, ModelSession> sessions = new TreeMap<>();
  private final List<CandidateModel> models = new ArrayList<>();

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private ModelStore store;

  @BeforeEach
  void open() {
    // What is loaded stays, to be looked at.
    cache.join(64 << 20);
    store = ModelStore.at(folder.resolve("models").toString());
  }

  @AfterEach
  void close() {
    cache.leave();
    sessions.values().forEach(ModelSession::close);
  }

  private void train(String key, Trainer trainer, List<Feature> features) {
    TableSchema table = new TableSchema(features, "SALES");
    RowBlock.Builder rows = RowBlock.builder(table);
    Random random = new Random(key.hashCode());
    for (int i = 0; i < 80; i++) {
      double[] row = new double[features.size()];
      double label = random.nextGaussian();
      for (int f = 0; f < row.length; f++) {
        row[f] =
            features.get(f).type().isText()
                ? rows.code(f, STATES[random.nextInt(STATES.length)])
                : random.nextInt(40);
        label += (f + 1) * row[f];
      }
      rows.append(row, label, i, 0);
    }
    byte[] onnx =
        Objects.requireNonNull(
            KeyTrainer.of(trainer, Holdout.none(), table).train(key, List.of(rows.build())).onnx());
    sessions.put(key, ModelSession.open(onnx, ExecutionProvider.cpu()));
    models.add(ScoredRows.model(ModelScope.key(key), onnx));
  }

  /** What each row's own model predicts, by the row's number; nothing of rows without a model. */
  private Map<Long, Double> expected(List<Row> rows) {
    Map<Long, Double> expected = new HashMap<>();
    sessions.forEach(
        (key, session) -> {
          List<Row> own =
              rows.stream()
                  .filter(row -> key.equals(row.getString("STORE")) && !isRefused(row))
                  .toList();
          double[] predictions = session.predict(columns(own, session.features()));
          for (int i = 0; i < own.size(); i++) {
            expected.put(own.get(i).getInt64("ID"), predictions[i]);
          }
        });
    return expected;
  }

  private static InputColumns columns(List<Row> rows, List<Feature> features) {
    InputColumns columns = InputColumns.of(features, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      for (int f = 0; f < features.size(); f++) {
        Feature feature = features.get(f);
        Object value = rows.get(i).getValue(feature.name());
        if (feature.type().isText()) {
          columns.texts(f)[i] = value == null ? "" : (String) value;
        } else {
          columns.numbers(f)[i] = value == null ? Double.NaN : ((Number) value).doubleValue();
        }
      }
    }
    return columns;
  }

  /** Rows of the keys that are asked for, some of which have no key, or a price that is refused. */
  private static List<Row> rows(int count, IntFunction<String> keys) {
    Random random = new Random(count);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(40);
      String key = kind == 0 ? null : kind == 1 ? "unknown" : keys.apply(i);
      Double price =
          kind == 2
              ? null
              : kind == 3
                  ? Double.valueOf(Double.NEGATIVE_INFINITY)
                  : Double.valueOf(20 * random.nextGaussian());
      String state = kind == 4 ? null : STATES[random.nextInt(STATES.length)];
      rows.add(
          Row.withSchema(EVENTS)
              .addValues((long) i, key, price, (long) random.nextInt(40), state)
              .build());
    }
    return rows;
  }

  private boolean isRefused(Row row) {
    String key = row.getString("STORE");
    ModelSession session = key == null ? null : sessions.get(key);
    Double price = row.getDouble("PRICE");
    return key == null
        || (session != null
            && session.features().stream().anyMatch(f -> f.name().equals("PRICE"))
            && price != null
            && price.isInfinite());
  }

  private ScoredRows check(List<Row> rows, Batching batching) {
    ScoredRows.publish(store, models.toArray(CandidateModel[]::new));
    ScoredRows scored =
        ScoredRows.of(
            RunInference.with(store.champion()).keyedBy("STORE").withBatching(batching),
            EVENTS,
            rows.toArray(Row[]::new));
    Map<Long, Double> expected = expected(rows);
    int refused = 0;
    for (Row row : rows) {
      if (isRefused(row)) {
        refused++;
        continue;
      }
      Long id = Objects.requireNonNull(row.getInt64("ID"));
      assertEquals(expected.get(id), scored.row(id).getDouble("PREDICTION"), () -> "of " + row);
    }
    assertEquals(rows.size() - refused, scored.size());
    assertEquals(refused, scored.reasons().size());
    int predicted = expected.size();
    assertEquals(predicted, scored.counter("num_inferences"));
    // Models are asked for by rows that are refused for their values as well.
    long asked = scored.counter("model_cache_hits") + scored.counter("model_cache_misses");
    assertTrue(asked >= predicted && asked <= rows.size(), asked + " for " + predicted);
    return scored;
  }

  private boolean sharesTemplate(String key) {
    ChosenModel chosen = ScoredRows.load(cache, new Generation(store.champion().resolve()), key);
    return Objects.requireNonNull(chosen.cached()).model() instanceof LoadedModel.Weighted;
  }

  @Test
  void aNetworkGoesOverToItsTemplateWhenManyRowsAskedForIt() {
    train("one", Mlp.regression().withHidden(4).withEpochs(2), NUMBERS);
    ScoredRows scored = check(rows(3000, i -> "one"), Batching.upTo(4096));
    assertEquals(false, sharesTemplate("one"));
    assertTrue(scored.calls() <= 8, scored.calls() + " calls");
    check(rows(45_000, i -> "one"), Batching.upTo(4096));
    assertEquals(true, sharesTemplate("one"));
    check(rows(2000, i -> "one"), Batching.upTo(4096));
  }

  @Test
  void aLinearModelDoesSoToo() {
    train("one", Linear.regression(), NUMBERS);
    check(rows(40_000, i -> "one"), Batching.upTo(4096));
    assertEquals(true, sharesTemplate("one"));
  }

  @Test
  void treesThatReadTextsStayWhatTheyAre() {
    train("one", Xgboost.regression().withRounds(3), WITH_TEXT);
    check(rows(40_000, i -> "one"), Batching.upTo(4096));
    assertEquals(false, sharesTemplate("one"));
  }

  @Test
  void fewRowsOfOtherModelsAreAmongThem() {
    train("one", Xgboost.regression().withRounds(3), NUMBERS);
    train("two", Mlp.regression().withHidden(3).withEpochs(2), NUMBERS);
    train("three", Xgboost.regression().withRounds(2), WITH_TEXT);
    train("four", Linear.regression(), NUMBERS);
    train("five", Linear.regression(), NUMBERS);
    String[] others = {"two", "three", "four", "five"};
    Random random = new Random(5);
    for (int batch : new int[] {4096, 300, 5, 1}) {
      check(
          rows(6000, i -> random.nextInt(10) < 7 ? "one" : others[random.nextInt(4)]),
          Batching.upTo(batch));
    }
  }

  @Test
  void rowsThatComeModelByModelAreScoredInTurn() {
    for (int k = 0; k < 6; k++) {
      train(
          "k" + k,
          k % 2 == 0
              ? Mlp.regression().withHidden(k < 4 ? 3 : 5).withEpochs(2)
              : Xgboost.regression().withRounds(2),
          k == 3 ? WITH_TEXT : NUMBERS);
    }
    for (int batch : new int[] {4096, 100}) {
      check(rows(9000, i -> "k" + i / 1500), Batching.upTo(batch));
      check(rows(9000, i -> "k" + i / 300 % 6), Batching.upTo(batch));
    }
  }
}
