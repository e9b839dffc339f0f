package dev.sheaf.models.convert;

import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_int;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_long_long;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_p_void;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_void;
import com.microsoft.ml.lightgbm.lightgbmlib;
import com.microsoft.ml.lightgbm.lightgbmlibConstants;
import dev.sheaf.models.trees.NativeLightgbm;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A booster of LightGBM, by its C interface: the Java library's own prediction overruns its buffer
 * with three classes or more.
 */
final class LightgbmLibrary implements AutoCloseable {
  private final SWIGTYPE_p_void handle;
  private final int outputs;

  private LightgbmLibrary(SWIGTYPE_p_void handle) throws LGBMException {
    this.handle = handle;
    SWIGTYPE_p_int count = lightgbmlib.new_intp();
    check(lightgbmlib.LGBM_BoosterNumModelPerIteration(handle, count));
    outputs = lightgbmlib.intp_value(count);
    lightgbmlib.delete_intp(count);
  }

  static LightgbmLibrary train(double[][] rows, float[] labels, String parameters, int rounds)
      throws LGBMException, IOException {
    NativeLightgbm.load();
    int features = rows[0].length;
    try (LGBMDataset data =
        LGBMDataset.createFromMat(flat(rows), rows.length, features, true, parameters, null)) {
      data.setField("label", labels);
      SWIGTYPE_p_p_void holder = lightgbmlib.new_voidpp();
      check(lightgbmlib.LGBM_BoosterCreate(data.handle, parameters, holder));
      LightgbmLibrary booster = new LightgbmLibrary(lightgbmlib.voidpp_value(holder));
      lightgbmlib.delete_voidpp(holder);
      SWIGTYPE_p_int finished = lightgbmlib.new_intp();
      for (int i = 0; i < rounds; i++) {
        check(lightgbmlib.LGBM_BoosterUpdateOneIter(booster.handle, finished));
      }
      lightgbmlib.delete_intp(finished);
      return booster;
    }
  }

  static LightgbmLibrary load(Path file) throws LGBMException, IOException {
    NativeLightgbm.load();
    SWIGTYPE_p_p_void holder = lightgbmlib.new_voidpp();
    SWIGTYPE_p_int iterations = lightgbmlib.new_intp();
    check(lightgbmlib.LGBM_BoosterCreateFromModelfile(file.toString(), iterations, holder));
    LightgbmLibrary booster = new LightgbmLibrary(lightgbmlib.voidpp_value(holder));
    lightgbmlib.delete_voidpp(holder);
    lightgbmlib.delete_intp(iterations);
    return booster;
  }

  /** The model of the first iterations as text; all of them if below 1. */
  byte[] save(int iterations) throws LGBMException, IOException {
    Path file = Files.createTempFile("lightgbm", ".txt");
    try {
      check(lightgbmlib.LGBM_BoosterSaveModel(handle, 0, iterations, 0, file.toString()));
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** Predictions of the first iterations, one row per row. */
  double[][] predict(double[][] rows, int iterations) throws LGBMException {
    return predict(rows, iterations, lightgbmlibConstants.C_API_PREDICT_NORMAL);
  }

  /** Sums over the trees of the first iterations. */
  double[][] margins(double[][] rows, int iterations) throws LGBMException {
    return predict(rows, iterations, lightgbmlibConstants.C_API_PREDICT_RAW_SCORE);
  }

  private double[][] predict(double[][] rows, int iterations, int kind) throws LGBMException {
    int features = rows[0].length;
    double[] flat = flat(rows);
    SWIGTYPE_p_double values = lightgbmlib.new_doubleArray(flat.length);
    for (int i = 0; i < flat.length; i++) {
      lightgbmlib.doubleArray_setitem(values, i, flat[i]);
    }
    SWIGTYPE_p_double found = lightgbmlib.new_doubleArray((long) rows.length * outputs);
    SWIGTYPE_p_long_long length = lightgbmlib.new_int64_tp();
    check(
        lightgbmlib.LGBM_BoosterPredictForMat(
            handle,
            lightgbmlib.double_to_voidp_ptr(values),
            lightgbmlibConstants.C_API_DTYPE_FLOAT64,
            rows.length,
            features,
            1,
            kind,
            0,
            iterations,
            "num_threads=1",
            length,
            found));
    if (lightgbmlib.int64_tp_value(length) != (long) rows.length * outputs) {
      throw new IllegalStateException("LightGBM gave another number of predictions");
    }
    double[][] predictions = new double[rows.length][outputs];
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < outputs; k++) {
        predictions[i][k] = lightgbmlib.doubleArray_getitem(found, (long) i * outputs + k);
      }
    }
    lightgbmlib.delete_doubleArray(values);
    lightgbmlib.delete_doubleArray(found);
    lightgbmlib.delete_int64_tp(length);
    return predictions;
  }

  private static double[] flat(double[][] rows) {
    int features = rows[0].length;
    double[] flat = new double[rows.length * features];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * features, features);
    }
    return flat;
  }

  private static void check(int status) throws LGBMException {
    if (status != 0) {
      throw new LGBMException(lightgbmlib.LGBM_GetLastError());
    }
  }

  @Override
  public void close() throws LGBMException {
    check(lightgbmlib.LGBM_BoosterFree(handle));
  }
}
