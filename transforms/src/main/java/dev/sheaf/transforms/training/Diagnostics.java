package dev.sheaf.transforms.training;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FeatureImportance;
import dev.sheaf.models.train.HeldOut;
import dev.sheaf.models.train.KeyOutcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** What is known of a trained model beside its ledger row, as tables. */
final class Diagnostics implements Serializable {
  private static final long serialVersionUID = 1L;

  static final Schema CURVES =
      model()
          .addStringField("DATASET")
          .addStringField("METRIC")
          .addInt32Field("ITERATION")
          .addDoubleField("VALUE")
          .build();

  static final Schema IMPORTANCE =
      model().addStringField("FEATURE").addStringField("KIND").addDoubleField("VALUE").build();

  private final TableSchema table;
  private final Schema heldOut;

  Diagnostics(TableSchema table) {
    this.table = table;
    this.heldOut = heldOutSchema(table);
  }

  private static Schema.Builder model() {
    return Schema.builder()
        .addStringField("RUN_ID")
        .addStringField("SCOPE")
        .addStringField("MODEL_KEY")
        .addStringField("MODEL_DIGEST")
        .addStringField("TRAINER");
  }

  /** The columns of a row that was held out: the model, the prediction, then the features. */
  static Schema heldOutSchema(TableSchema table) {
    Schema.Builder schema =
        model()
            .addInt32Field("FOLD")
            .addDoubleField("WEIGHT")
            .addNullableField("ACTUAL", FieldType.DOUBLE)
            .addNullableField("PREDICTION", FieldType.DOUBLE)
            .addNullableField("ACTUAL_CLASS", FieldType.STRING)
            .addNullableField("PREDICTED_CLASS", FieldType.STRING)
            .addNullableField("PROBABILITY", FieldType.DOUBLE);
    for (Feature feature : table.features()) {
      schema.addNullableField(
          "FEATURE_" + feature.name(),
          feature.type().isText() ? FieldType.STRING : FieldType.DOUBLE);
    }
    return schema.build();
  }

  private List<Object> model(String runId, KeyOutcome outcome) {
    ModelScope scope = ModelScope.ofStoreKey(outcome.report().key());
    List<Object> values = new ArrayList<>();
    values.add(runId);
    values.add(Ledger.scopeOf(scope));
    values.add(scope instanceof ModelScope.Key key ? key.text() : outcome.report().key());
    values.add(String.valueOf(outcome.report().digest()));
    values.add(outcome.report().trainer());
    return values;
  }

  void curves(String runId, KeyOutcome outcome, Consumer<Row> out) {
    for (CurvePoint point : outcome.curve()) {
      out.accept(
          Row.withSchema(CURVES)
              .addValues(model(runId, outcome))
              .addValues(point.dataset(), point.metric(), point.iteration(), point.value())
              .build());
    }
  }

  void importance(String runId, KeyOutcome outcome, Consumer<Row> out) {
    for (FeatureImportance one : outcome.importance()) {
      out.accept(
          Row.withSchema(IMPORTANCE)
              .addValues(model(runId, outcome))
              .addValues(one.feature(), one.kind(), one.value())
              .build());
    }
  }

  void heldOut(String runId, KeyOutcome outcome, Consumer<Row> out) {
    for (HeldOut part : outcome.heldOut()) {
      for (int row = 0; row < part.rows().rows(); row++) {
        out.accept(heldOut(runId, outcome, part, row));
      }
    }
  }

  private Row heldOut(String runId, KeyOutcome outcome, HeldOut part, int row) {
    RowBlock rows = part.rows();
    double[] weights = rows.weights();
    List<@Nullable Object> values = new ArrayList<>(model(runId, outcome));
    values.add(part.fold());
    values.add(weights == null ? 1.0 : weights[row]);
    double label = rows.labels()[row];
    int classes = part.classes().size();
    if (classes == 0) {
      values.add(label);
      values.add(part.predictions()[row]);
      values.add(null);
      values.add(null);
      values.add(null);
    } else {
      int best = 0;
      for (int k = 1; k < classes; k++) {
        if (part.predictions()[row * classes + k] > part.predictions()[row * classes + best]) {
          best = k;
        }
      }
      values.add(null);
      values.add(null);
      values.add(rows.classes().get((int) label));
      values.add(part.classes().get(best));
      values.add(part.predictions()[row * classes + best]);
    }
    for (int f = 0; f < rows.features(); f++) {
      double value = rows.column(f)[row];
      boolean text = table.features().get(f).type().isText();
      if (Double.isNaN(value)) {
        values.add(null);
      } else {
        values.add(text ? (Object) rows.dictionary(f).get((int) value) : (Object) value);
      }
    }
    return Row.withSchema(heldOut).attachValues(values);
  }
}
