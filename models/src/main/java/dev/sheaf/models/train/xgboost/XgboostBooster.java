package dev.sheaf.models.train.xgboost;

import dev.sheaf.models.features.EncodedColumn;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.boosting.BoosterRows;
import dev.sheaf.models.train.boosting.NativeBooster;
import dev.sheaf.models.trees.TreeEnsemble;
import dev.sheaf.models.trees.XgboostReader;
import java.util.LinkedHashMap;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;

/** A booster of XGBoost. */
final class XgboostBooster implements NativeBooster {
  /** Rows predicted at once, so that the copies stay small. */
  private static final int BATCH = 8192;

  private static final String DATASET = "rows";

  private final DMatrix train;
  private final @Nullable DMatrix evaluation;
  private final Booster booster;

  private XgboostBooster(DMatrix train, @Nullable DMatrix evaluation, Booster booster) {
    this.train = train;
    this.evaluation = evaluation;
    this.booster = booster;
  }

  static XgboostBooster open(
      Map<String, Object> parameters, BoosterRows trainRows, @Nullable BoosterRows evaluationRows)
      throws TrainingException {
    DMatrix train = matrix(trainRows);
    DMatrix evaluation = null;
    try {
      evaluation = evaluationRows == null ? null : matrix(evaluationRows);
      Booster booster = XGBoost.train(train, parameters, 0, Map.of(), null, null);
      return new XgboostBooster(train, evaluation, booster);
    } catch (XGBoostError e) {
      dispose(train, evaluation);
      throw failed("train", e);
    } catch (TrainingException | RuntimeException | Error e) {
      dispose(train, evaluation);
      throw e;
    }
  }

  private static void dispose(DMatrix train, @Nullable DMatrix evaluation) {
    train.dispose();
    if (evaluation != null) {
      evaluation.dispose();
    }
  }

  private static DMatrix matrix(BoosterRows rows) throws TrainingException {
    int d = rows.values().length;
    if ((long) d * rows.rows() > Integer.MAX_VALUE - 8) {
      throw new TrainingException(
          rows.rows() + " rows of " + d + " columns are more than XGBoost can take at once", null);
    }
    float[] values = new float[d * rows.rows()];
    for (int c = 0; c < d; c++) {
      double[] column = rows.values()[c];
      for (int i = 0; i < column.length; i++) {
        values[i * d + c] = (float) column[i];
        if (Float.isInfinite(values[i * d + c])) {
          throw beyondFloat("feature " + rows.columns().get(c).name(), column[i]);
        }
      }
    }
    DMatrix matrix = null;
    try {
      matrix = newMatrix(values, rows.rows(), d);
      matrix.setLabel(narrow(rows.labels(), "the label"));
      double[] weights = rows.weights();
      if (weights != null) {
        matrix.setWeight(narrow(weights, "the weight"));
      }
      if (rows.columns().stream().anyMatch(column -> column.categories() > 0)) {
        matrix.setFeatureTypes(
            rows.columns().stream().map(XgboostBooster::type).toArray(String[]::new));
      }
      return matrix;
    } catch (XGBoostError e) {
      if (matrix != null) {
        matrix.dispose();
      }
      throw failed("read rows", e);
    } catch (TrainingException e) {
      if (matrix != null) {
        matrix.dispose();
      }
      throw e;
    }
  }

  /** XGBoost's letters for a category and a quantity. */
  private static String type(EncodedColumn column) {
    return column.categories() > 0 ? "c" : "q";
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

  private static float[] narrow(double[] values, String what) throws TrainingException {
    float[] narrowed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrowed[i] = (float) values[i];
      if (Float.isInfinite(narrowed[i])) {
        throw beyondFloat(what, values[i]);
      }
    }
    return narrowed;
  }

  private static TrainingException beyondFloat(String what, double value) {
    return new TrainingException(
        what + " is " + value + ": XGBoost takes floats, finite up to 3.4e38", null);
  }

  /** The first line without the time and the place in the library's source. */
  private static TrainingException failed(String what, XGBoostError e) {
    String line = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    String plain = line.replaceFirst("^\\[[0-9:]+\\] \\S+:[0-9]+: ", "");
    return new TrainingException("XGBoost cannot " + what + ": " + plain, e);
  }

  @Override
  public void update(int round) throws TrainingException {
    try {
      booster.update(train, round - 1);
    } catch (XGBoostError e) {
      throw failed("train", e);
    }
  }

  @Override
  public int iterations() throws TrainingException {
    try {
      return booster.getNumBoostedRound();
    } catch (XGBoostError e) {
      throw failed("count its trees", e);
    }
  }

  /** XGBoost gives {@code [ROUND]<tab>rows-METRIC:VALUE<tab>...}. */
  @Override
  public Map<String, Double> evaluate(Part part, int round) throws TrainingException {
    DMatrix rows = part == Part.TRAIN ? train : evaluation;
    if (rows == null) {
      return Map.of();
    }
    Map<String, Double> named = new LinkedHashMap<>();
    try {
      String text =
          booster.evalSet(new DMatrix[] {rows}, new String[] {DATASET}, round - 1).strip();
      for (int at = text.indexOf('\t'); at >= 0; at = text.indexOf('\t', at + 1)) {
        int end = text.indexOf('\t', at + 1);
        String metric = text.substring(at + DATASET.length() + 2, end < 0 ? text.length() : end);
        int colon = metric.lastIndexOf(':');
        named.put(metric.substring(0, colon), number(metric.substring(colon + 1)));
      }
      return named;
    } catch (XGBoostError e) {
      throw failed("train", e);
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // The C library writes "nan" and "inf".
      return text.contains("inf")
          ? (text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY)
          : Double.NaN;
    }
  }

  @Override
  public boolean rises(String metric) {
    return XgboostParameters.rises(metric);
  }

  /** In place: a matrix that is predicted leaves its share in the booster's cache behind. */
  @Override
  public double[] predict(double[][] columns, int rows, int iterations) throws TrainingException {
    double[] predictions = new double[rows];
    int d = columns.length;
    try {
      for (int from = 0; from < rows; from += BATCH) {
        int count = Math.min(BATCH, rows - from);
        float[] values = new float[d * count];
        for (int c = 0; c < d; c++) {
          for (int i = 0; i < count; i++) {
            values[i * d + c] = (float) columns[c][from + i];
          }
        }
        float[][] found =
            booster.inplace_predict(values, count, d, Float.NaN, new int[] {0, iterations});
        int outputs = found[0].length;
        if (predictions.length != rows * outputs) {
          predictions = new double[Math.multiplyExact(rows, outputs)];
        }
        for (int i = 0; i < count; i++) {
          for (int k = 0; k < outputs; k++) {
            predictions[(from + i) * outputs + k] = found[i][k];
          }
        }
      }
      return predictions;
    } catch (XGBoostError e) {
      throw failed("predict", e);
    }
  }

  @Override
  public TreeEnsemble trees(int iterations) throws TrainingException {
    try {
      if (iterations > 0) {
        booster.setAttr("best_iteration", Integer.toString(iterations - 1));
      }
      return XgboostReader.trees(booster.toByteArray("ubj"));
    } catch (XGBoostError e) {
      throw failed("save its model", e);
    }
  }

  @Override
  public void close() {
    booster.dispose();
    dispose(train, evaluation);
  }
}
