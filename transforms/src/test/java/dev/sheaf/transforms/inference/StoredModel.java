package dev.sheaf.transforms.inference;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.linear.Linear;
import java.util.List;
import java.util.Objects;

/** Small ONNX models for tests. */
final class StoredModel {
  private StoredModel() {}

  /** A model of {@code SALES = intercept + 2 PRICE}. */
  static byte[] onnx(String key, double intercept) {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < 20; i++) {
      rows.append(new double[] {i}, intercept + 2 * i, i, 0);
    }
    TableSchema schema = new TableSchema(List.of(new Feature("PRICE", FeatureType.FLOAT)), "SALES");
    return Objects.requireNonNull(
        KeyTrainer.of(Linear.regression(), Holdout.none(), schema)
            .train(key, List.of(rows.build()))
            .onnx());
  }
}
