package dev.sheaf.transforms.inference;

import static dev.sheaf.transforms.inference.ScoredRows.model;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TypedFeaturesTest {
  private static final Schema TEXTS =
      Schema.builder()
          .addInt64Field("ID")
          .addStringField("STORE")
          .addNullableField("state", FieldType.STRING)
          .addNullableField("PRICE", FieldType.DOUBLE)
          .build();

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");

  @BeforeEach
  void aStore() {
    store = ModelStore.at(folder.resolve("models").toString());
  }

  private RunInference champion() {
    return RunInference.with(store.champion()).keyedBy("STORE");
  }

  private static Row text(long id, String key, @Nullable String state, @Nullable Double price) {
    return Row.withSchema(TEXTS).addValues(id, key, state, price).build();
  }

  private static List<@Nullable Object> places(ScoredRows scored) {
    List<@Nullable Object> found = new ArrayList<>();
    for (long id = 0; id < scored.size(); id++) {
      found.add(scored.row(id).getValue("PREDICTION"));
    }
    return found;
  }

  @Test
  void textReachesTheModelAsItIs() {
    String[] texts = {
      "CA", "d\u00e9j\u00e0", "'quoted' \"twice\"", "\u4e2d\u6587", "\ud83d\ude00", "", " a\tb\n"
    };
    ScoredRows.publish(store, model(ModelScope.key("a"), Graphs.places(texts)));
    Row[] rows = new Row[texts.length + 2];
    for (int i = 0; i < texts.length; i++) {
      rows[i] = text(i, "a", texts[i], 1.0);
    }
    rows[texts.length] = text(texts.length, "a", null, 1.0); // missing, like ""
    rows[texts.length + 1] = text(texts.length + 1, "a", "ca", 1.0);
    List<Double> expected = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 6.0, -1.0);
    assertEquals(expected, places(ScoredRows.of(champion(), TEXTS, rows)));
    assertEquals(expected, places(ScoredRows.of(champion().withMaximumBatchSize(1), TEXTS, rows)));
  }

  @Test
  void aTextCategoryIsAlsoReadOffANumber() {
    ScoredRows.publish(store, model(ModelScope.key("a"), Graphs.places("12", "12.5")));
    Schema schema =
        Schema.builder()
            .addInt64Field("ID")
            .addStringField("STORE")
            .addNullableField("STATE", FieldType.DOUBLE)
            .build();
    ScoredRows scored =
        ScoredRows.of(
            champion(),
            schema,
            Row.withSchema(schema).addValues(0L, "a", 12.0).build(),
            Row.withSchema(schema).addValues(1L, "a", 12.5).build(),
            Row.withSchema(schema).addValues(2L, "a", null).build());
    assertEquals(List.of(1.0, 2.0, -1.0), places(scored));
  }

  @Test
  void datesTimestampsCategoriesAndBooleansReachTheModelAsNumbers() {
    ScoredRows.publish(
        store,
        model(
            ModelScope.key("a"),
            Graphs.sum(
                1e6,
                new Feature("FLAG", FeatureType.BOOLEAN),
                new Feature("ZIP", FeatureType.INTEGER_CATEGORY),
                new Feature("DAY", FeatureType.DATE))),
        model(ModelScope.key("b"), Graphs.sum(1, new Feature("AT", FeatureType.DATE_TIME))));
    Schema table =
        Schema.builder()
            .addInt64Field("ID")
            .addStringField("STORE")
            .addNullableField("FLAG", FieldType.BOOLEAN)
            .addNullableField("ZIP", FieldType.INT64)
            .addNullableField("DAY", FieldType.logicalType(SqlTypes.DATE))
            .addNullableField("AT", FieldType.logicalType(SqlTypes.DATETIME))
            .build();
    LocalDate day = LocalDate.of(2026, 3, 4);
    LocalDateTime at = LocalDateTime.of(1970, 1, 2, 0, 0, 1, 500_000_000);
    double first = (1e6 + 90210) * 1e6 + day.toEpochDay();
    ScoredRows fromTable =
        ScoredRows.of(
            champion(),
            table,
            Row.withSchema(table).addValues(0L, "a", true, 90210L, day, at).build(),
            Row.withSchema(table).addValues(1L, "b", null, null, null, at).build(),
            Row.withSchema(table).addValues(2L, "b", null, null, null, null).build());
    assertEquals(List.of(first, 86_401.5, Double.NaN), places(fromTable));

    Schema event =
        Schema.builder()
            .addInt64Field("ID")
            .addStringField("STORE")
            .addNullableField("flag", FieldType.INT32)
            .addNullableField("zip", FieldType.STRING)
            .addNullableField("day", FieldType.STRING)
            .addNullableField("at", FieldType.STRING)
            .build();
    ScoredRows fromEvents =
        ScoredRows.of(
            champion(),
            event,
            Row.withSchema(event).addValues(0L, "a", 1, "90210", "2026-03-04", null).build(),
            Row.withSchema(event)
                .addValues(1L, "b", null, null, null, "1970-01-02T00:00:01.5")
                .build(),
            Row.withSchema(event).addValues(2L, "b", null, null, null, " ").build(),
            Row.withSchema(event).addValues(3L, "a", 1, "1.5", "2026-03-04", null).build(),
            Row.withSchema(event).addValues(4L, "a", 1, "1", "4.3.2026", null).build());
    assertEquals(List.of(first, 86_401.5, Double.NaN), places(fromEvents));
    assertEquals(
        List.of(
            "day is no date or timestamp such as 2015-06-01 or 2015-06-01T09:30:00: \"4.3.2026\"",
            "zip is no category: a whole number up to 2^53 is needed, found 1.5"),
        fromEvents.reasons());
  }

  @Test
  void aClassifierGivesTheClassAndItsProbability() {
    ScoredRows.publish(
        store, model(ModelScope.key("a"), Graphs.classifier("no \"way\"", "\u4e2d\u6587")));
    ScoredRows scored =
        ScoredRows.of(
            champion().classifying(),
            TEXTS,
            text(0, "a", "x", 0.25),
            text(1, "a", "x", 0.75),
            text(2, "a", "x", 0.5),
            text(3, "z", "x", 0.5),
            text(4, "a", "x", null));
    assertEquals(
        List.of("\u4e2d\u6587", 0.75, "{\"no \\\"way\\\"\":0.25,\"\u4e2d\u6587\":0.75}"),
        answer(scored, 0));
    assertEquals(
        List.of("no \"way\"", 0.75, "{\"no \\\"way\\\"\":0.75,\"\u4e2d\u6587\":0.25}"),
        answer(scored, 1));
    assertEquals("no \"way\"", scored.row(2).getString("PREDICTION"));
    assertEquals(Arrays.asList(null, null, null), answer(scored, 3));
    assertEquals("NONE", scored.row(3).getString("FALLBACK_LEVEL"));
    assertNull(scored.row(3).getString("MODEL_KEY"));
    assertEquals(
        List.of(
            "the model of key \"a\" in version "
                + ScoredRows.VERSION
                + ": it gives the class \"no \"way\"\" no probability"),
        scored.reasons());
    assertEquals(
        List.of("PREDICTION", "PROBABILITY", "PROBABILITIES", "MODEL_KEY", "MODEL_VERSION"),
        scored.row(0).getSchema().getFieldNames().subList(4, 9));
  }

  private static List<@Nullable Object> answer(ScoredRows scored, long id) {
    Row row = scored.row(id);
    return Arrays.asList(
        row.getString("PREDICTION"), row.getDouble("PROBABILITY"), row.getString("PROBABILITIES"));
  }

  @Test
  void aModelForTheOtherTaskIsABadRecordOfItsRowsAlone() {
    ScoredRows.publish(
        store,
        model(ModelScope.key("a"), Graphs.classifier("no", "yes")),
        model(ModelScope.key("b"), StoredModel.onnx("b", 0.625)));
    String start = "the model of key \"%s\" in version " + ScoredRows.VERSION + " cannot be used: ";
    ScoredRows numbers =
        ScoredRows.of(champion(), TEXTS, text(0, "a", "x", 0.25), text(1, "b", "x", 1.0));
    assertEquals(
        List.of(
            String.format(start, "a")
                + "it predicts one of the classes [no, yes], and a number is asked for: use"
                + " classifying()"),
        numbers.reasons());
    assertEquals(2.625, numbers.row(1).getDouble("PREDICTION"), 1e-9);
    ScoredRows classes =
        ScoredRows.of(
            champion().classifying(), TEXTS, text(0, "a", "x", 0.25), text(1, "b", "x", 1.0));
    assertEquals(
        List.of(
            String.format(start, "b") + "it predicts a number, and classifying() asks for classes"),
        classes.reasons());
    assertEquals("yes", classes.row(0).getString("PREDICTION"));
  }

  @Test
  void aColumnThatCannotHoldTheFeatureIsABadRecord() {
    ScoredRows.publish(
        store, model(ModelScope.key("a"), Graphs.sum(1, new Feature("PRICE", FeatureType.DATE))));
    assertEquals(
        List.of(
            "the model of key \"a\" in version "
                + ScoredRows.VERSION
                + " cannot be used: the model's input: \"PRICE\" holds FLOAT; for DATE a date, a"
                + " timestamp or text that is one is needed"),
        ScoredRows.of(champion(), TEXTS, text(0, "a", "x", 0.25)).reasons());
  }
}
