package dev.sheaf.models.train.xgboost;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.trees.TreeEnsemble;
import dev.sheaf.models.trees.TreeGraph;
import dev.sheaf.models.trees.UnreadableModelException;
import dev.sheaf.models.trees.XgboostReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** A trained booster. */
final class XgboostModel implements FittedModel {
  private final TableSchema schema;
  private final Booster booster;

  private XgboostModel(TableSchema schema, Booster booster) {
    this.schema = schema;
    this.booster = booster;
  }

  static XgboostModel train(TrainingTable table, Map<String, String> parameters)
      throws TrainingException {
    Map<String, Object> given = new HashMap<>(parameters);
    given.remove(XgboostParameters.ROUNDS);
    given.put("nthread", 1);
    given.put("verbosity", 0);
    int rounds = Integer.parseInt(parameters.getOrDefault(XgboostParameters.ROUNDS, "100"));
    DMatrix matrix = matrix(table.schema(), table.rows());
    try {
      matrix.setLabel(labels(table));
      return new XgboostModel(
          table.schema(), XGBoost.train(matrix, given, rounds, Map.of(), null, null));
    } catch (XGBoostError e) {
      throw failed("train", e);
    } finally {
      matrix.dispose();
    }
  }

  /** Where the native library cannot be loaded no key can be trained; each says why. */
  private static DMatrix newMatrix(float[] values, int rows, int columns)
      throws TrainingException, XGBoostError {
    try {
      return new DMatrix(values, rows, columns, Float.NaN);
    } catch (LinkageError e) {
      throw new TrainingException(
          "XGBoost's native library cannot be loaded: on Linux it needs libgomp.so.1 (package"
              + " libgomp1); "
              + e,
          e);
    }
  }

  private static DMatrix matrix(TableSchema schema, RowBlock rows) throws TrainingException {
    int d = rows.features();
    long size = (long) d * rows.rows();
    if (size > Integer.MAX_VALUE - 8) {
      throw new TrainingException(
          rows.rows() + " rows of " + d + " features are more than XGBoost can take at once", null);
    }
    float[] values = new float[(int) size];
    for (int f = 0; f < d; f++) {
      double[] column = rows.column(f);
      for (int i = 0; i < column.length; i++) {
        values[i * d + f] = narrow(column[i], "feature " + schema.featureNames().get(f));
      }
    }
    try {
      return newMatrix(values, rows.rows(), d);
    } catch (XGBoostError e) {
      throw failed("read rows", e);
    }
  }

  private static float[] labels(TrainingTable table) throws TrainingException {
    double[] labels = table.rows().labels();
    float[] narrowed = new float[labels.length];
    for (int i = 0; i < labels.length; i++) {
      narrowed[i] = narrow(labels[i], "the label");
    }
    return narrowed;
  }

  private static float narrow(double value, String what) throws TrainingException {
    float narrowed = (float) value;
    if (Float.isInfinite(narrowed)) {
      throw new TrainingException(
          what + " is " + value + ": XGBoost takes floats, finite up to 3.4e38", null);
    }
    return narrowed;
  }

  private static TrainingException failed(String what, XGBoostError e) {
    String message = String.valueOf(e.getMessage());
    return new TrainingException(
        "XGBoost cannot " + what + ": " + message.strip().lines().findFirst().orElse(message), e);
  }

  @Override
  public double[] predict(RowBlock rows) throws TrainingException {
    double[] predictions = new double[rows.rows()];
    if (predictions.length == 0) {
      return predictions;
    }
    DMatrix matrix = matrix(schema, rows);
    try {
      float[][] found = booster.predict(matrix);
      for (int i = 0; i < predictions.length; i++) {
        predictions[i] = found[i][0];
      }
      return predictions;
    } catch (XGBoostError e) {
      throw failed("predict", e);
    } finally {
      matrix.dispose();
    }
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) throws TrainingException {
    metadata.check(schema);
    TreeEnsemble trees = trees();
    OnnxGraph graph = OnnxGraph.of(metadata);
    String matrix =
        graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1));
    String margins = TreeGraph.margins(graph, matrix, trees);
    String predictions = TreeGraph.predictions(graph, margins, trees);
    graph.node("Identity", List.of(predictions), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  TreeEnsemble trees() throws TrainingException {
    try {
      return XgboostReader.trees(booster.toByteArray("ubj"));
    } catch (XGBoostError e) {
      throw failed("save its model", e);
    } catch (UnreadableModelException e) {
      throw new TrainingException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public List<String> notes() {
    return List.of();
  }

  @Override
  public void close() {
    booster.dispose();
  }
}
