package dev.sheaf.models.train.lightgbm;

import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterAddValidData;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterCreate;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterFree;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterGetCurrentIteration;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterGetEval;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterGetEvalNamesSWIG;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterSaveModel;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterUpdateOneIter;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_DatasetCreateFromMat;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_DatasetFree;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_DatasetSetField;
import static com.microsoft.ml.lightgbm.lightgbmlib.StringArrayHandle_free;
import static com.microsoft.ml.lightgbm.lightgbmlib.StringArrayHandle_get_strings;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_doubleArray;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_floatArray;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_intp;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_voidpp;
import static com.microsoft.ml.lightgbm.lightgbmlib.doubleArray_getitem;
import static com.microsoft.ml.lightgbm.lightgbmlib.double_to_voidp_ptr;
import static com.microsoft.ml.lightgbm.lightgbmlib.float_to_voidp_ptr;
import static com.microsoft.ml.lightgbm.lightgbmlib.intp_value;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_doubleArray;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_intp;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_voidpp;
import static com.microsoft.ml.lightgbm.lightgbmlib.voidpp_value;
import static dev.sheaf.models.train.lightgbm.LightgbmNative.check;

import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_float;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_int;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_p_void;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_void;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.boosting.BoosterRows;
import dev.sheaf.models.train.boosting.NativeBooster;
import dev.sheaf.models.trees.LightgbmReader;
import dev.sheaf.models.trees.TreeEnsemble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A booster of LightGBM. */
final class LightgbmBooster implements NativeBooster {
  /** The codes of LightGBM's c_api.h. */
  private static final int FLOAT32 = 0;

  private static final int FLOAT64 = 1;
  private static final int COLUMN_MAJOR = 0;
  private static final int GAIN = 1;

  private final String parameters;
  private final SWIGTYPE_p_int number = new_intp();
  private final SWIGTYPE_p_p_void pointer = new_voidpp();
  private String[] metrics = {};
  private @Nullable SWIGTYPE_p_double values;
  private @Nullable SWIGTYPE_p_void train;
  private @Nullable SWIGTYPE_p_void evaluation;
  private @Nullable SWIGTYPE_p_void booster;
  private boolean closed;

  private LightgbmBooster(String parameters) {
    this.parameters = parameters;
  }

  /** Opens a booster for {@code key=value} pairs with a space in between. */
  static LightgbmBooster open(
      String parameters, BoosterRows trainRows, @Nullable BoosterRows evaluationRows)
      throws TrainingException {
    LightgbmNative.load();
    LightgbmBooster opened = new LightgbmBooster(parameters);
    try {
      SWIGTYPE_p_void train = opened.dataset(trainRows, null);
      opened.train = train;
      opened.fill(train, trainRows);
      check(LGBM_BoosterCreate(train, parameters, opened.pointer), "train");
      SWIGTYPE_p_void booster = voidpp_value(opened.pointer);
      opened.booster = booster;
      if (evaluationRows != null) {
        SWIGTYPE_p_void evaluation = opened.dataset(evaluationRows, train);
        opened.evaluation = evaluation;
        opened.fill(evaluation, evaluationRows);
        check(LGBM_BoosterAddValidData(booster, evaluation), "take the evaluation rows");
      }
      opened.metrics = metrics(booster);
      opened.values = new_doubleArray(Math.max(1, opened.metrics.length));
      return opened;
    } catch (TrainingException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private SWIGTYPE_p_void dataset(BoosterRows rows, @Nullable SWIGTYPE_p_void reference)
      throws TrainingException {
    SWIGTYPE_p_double copy = LightgbmNative.copy(rows.values(), 0, rows.rows());
    try {
      check(
          LGBM_DatasetCreateFromMat(
              double_to_voidp_ptr(copy),
              FLOAT64,
              rows.rows(),
              rows.values().length,
              COLUMN_MAJOR,
              parameters,
              reference,
              pointer),
          "read rows");
      return voidpp_value(pointer);
    } finally {
      delete_doubleArray(copy);
    }
  }

  private void fill(SWIGTYPE_p_void dataset, BoosterRows rows) throws TrainingException {
    fill(dataset, "label", rows.labels());
    double[] weights = rows.weights();
    if (weights != null) {
      fill(dataset, "weight", weights);
    }
  }

  private static void fill(SWIGTYPE_p_void dataset, String field, double[] values)
      throws TrainingException {
    for (double value : values) {
      if (Float.isInfinite((float) value)) {
        throw new TrainingException(
            "the " + field + " is " + value + ": LightGBM takes floats, finite up to 3.4e38", null);
      }
    }
    SWIGTYPE_p_float copy = LightgbmNative.copy(values);
    try {
      check(
          LGBM_DatasetSetField(dataset, field, float_to_voidp_ptr(copy), values.length, FLOAT32),
          "take the " + field + "s");
    } finally {
      delete_floatArray(copy);
    }
  }

  private static String[] metrics(SWIGTYPE_p_void booster) throws TrainingException {
    SWIGTYPE_p_void names = LGBM_BoosterGetEvalNamesSWIG(booster);
    if (names == null) {
      throw new TrainingException("LightGBM cannot name its metrics", null);
    }
    try {
      return StringArrayHandle_get_strings(names);
    } finally {
      StringArrayHandle_free(names);
    }
  }

  private SWIGTYPE_p_void booster() {
    SWIGTYPE_p_void open = booster;
    if (open == null) {
      throw new IllegalStateException("the booster is closed");
    }
    return open;
  }

  @Override
  public void update(int round) throws TrainingException {
    check(LGBM_BoosterUpdateOneIter(booster(), number), "train");
  }

  @Override
  public int iterations() throws TrainingException {
    check(LGBM_BoosterGetCurrentIteration(booster(), number), "count its trees");
    return intp_value(number);
  }

  @Override
  public Map<String, Double> evaluate(Part part, int round) throws TrainingException {
    SWIGTYPE_p_double found = values;
    if (metrics.length == 0 || found == null) {
      return Map.of();
    }
    check(LGBM_BoosterGetEval(booster(), part == Part.TRAIN ? 0 : 1, number, found), "train");
    Map<String, Double> named = new LinkedHashMap<>();
    for (int m = 0; m < Math.min(metrics.length, intp_value(number)); m++) {
      named.put(metrics[m], doubleArray_getitem(found, m));
    }
    return named;
  }

  @Override
  public boolean rises(String metric) {
    return LightgbmParameters.rises(metric);
  }

  @Override
  public double[] predict(double[][] columns, int rows, int iterations) throws TrainingException {
    return LightgbmPredictions.of(booster(), columns, rows, iterations);
  }

  /**
   * By way of a file: to take the text in memory leaks it, and is slower (it passes through UTF-16
   * and LightGBM writes it twice).
   */
  @Override
  public TreeEnsemble trees(int iterations) throws TrainingException {
    try {
      Path file = Files.createTempFile("sheaf-lightgbm", ".txt");
      try {
        check(
            LGBM_BoosterSaveModel(booster(), 0, iterations, GAIN, file.toString()),
            "save its model");
        return LightgbmReader.trees(Files.readAllBytes(file));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new TrainingException("cannot read back the model of LightGBM: " + e, e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (booster != null) {
      LGBM_BoosterFree(booster);
      booster = null;
    }
    if (evaluation != null) {
      LGBM_DatasetFree(evaluation);
    }
    if (train != null) {
      LGBM_DatasetFree(train);
    }
    if (values != null) {
      delete_doubleArray(values);
      values = null;
    }
    delete_intp(number);
    delete_voidpp(pointer);
  }
}
