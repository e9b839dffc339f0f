package dev.sheaf.benchmarks;

import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingTable;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMDataset;
import java.util.Map;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;

/** The calls of the libraries alone: rows in, a fitted booster out, nothing else. */
interface BareTraining {
  /**
   * Fits one model and drops it.
   *
   * @return something of the model, so that the work cannot be left out
   */
  double fit(RowBlock rows) throws Exception;

  /** The arithmetic of a trainer of Sheaf's own. */
  static BareTraining of(Trainer trainer, KeyedRows shape) {
    return rows -> {
      try (FittedModel model = trainer.fit(new TrainingTable(shape.tableSchema(), rows))) {
        return model.notes().size();
      }
    };
  }

  /** XGBoost on one thread. */
  static BareTraining xgboost(int rounds, int depth) {
    Map<String, Object> parameters = Map.of("nthread", 1, "verbosity", 0, "max_depth", depth);
    return rows -> {
      int d = rows.features();
      float[] values = new float[d * rows.rows()];
      float[] labels = new float[rows.rows()];
      for (int i = 0; i < rows.rows(); i++) {
        labels[i] = (float) rows.labels()[i];
        for (int f = 0; f < d; f++) {
          values[i * d + f] = (float) rows.column(f)[i];
        }
      }
      DMatrix matrix = new DMatrix(values, rows.rows(), d, Float.NaN);
      try {
        matrix.setLabel(labels);
        ml.dmlc.xgboost4j.java.Booster booster =
            XGBoost.train(matrix, parameters, rounds, Map.of(), null, null);
        try {
          return booster.getNumBoostedRound();
        } finally {
          booster.dispose();
        }
      } finally {
        matrix.dispose();
      }
    };
  }

  /** LightGBM on one thread, with the parameters that its trainer here sets, too. */
  static BareTraining lightgbm(int rounds) {
    String parameters =
        "objective=regression num_threads=1 verbosity=-1 deterministic=true force_row_wise=true";
    return rows -> {
      int n = rows.rows();
      double[] values = new double[rows.features() * n];
      for (int f = 0; f < rows.features(); f++) {
        System.arraycopy(rows.column(f), 0, values, f * n, n);
      }
      float[] labels = new float[n];
      for (int i = 0; i < n; i++) {
        labels[i] = (float) rows.labels()[i];
      }
      try (LGBMDataset dataset =
          LGBMDataset.createFromMat(values, n, rows.features(), false, parameters, null)) {
        dataset.setField("label", labels);
        try (LGBMBooster booster = LGBMBooster.create(dataset, parameters)) {
          for (int round = 0; round < rounds; round++) {
            booster.updateOneIter();
          }
          return rounds;
        }
      }
    };
  }
}
