package dev.sheaf.models.train.lightgbm;

import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterGetNumClasses;
import static com.microsoft.ml.lightgbm.lightgbmlib.LGBM_BoosterPredictForMat;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_doubleArray;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_int64_tp;
import static com.microsoft.ml.lightgbm.lightgbmlib.delete_intp;
import static com.microsoft.ml.lightgbm.lightgbmlib.doubleArray_getitem;
import static com.microsoft.ml.lightgbm.lightgbmlib.double_to_voidp_ptr;
import static com.microsoft.ml.lightgbm.lightgbmlib.int64_tp_value;
import static com.microsoft.ml.lightgbm.lightgbmlib.intp_value;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_doubleArray;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_int64_tp;
import static com.microsoft.ml.lightgbm.lightgbmlib.new_intp;
import static dev.sheaf.models.train.lightgbm.LightgbmNative.check;

import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_int;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_long_long;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_void;
import dev.sheaf.models.train.TrainingException;

/**
 * Predictions by LightGBM itself, with buffers of the right size: lightgbm4j's own have room for
 * one number per row, whatever the number of classes.
 */
final class LightgbmPredictions {
  /** Rows at once, so that the native copies stay small. */
  private static final int BATCH = 8192;

  private static final int FLOAT64 = 1;
  private static final int COLUMN_MAJOR = 0;
  private static final int NORMAL = 0;

  private LightgbmPredictions() {}

  static double[] of(SWIGTYPE_p_void booster, double[][] columns, int rows, int iterations)
      throws TrainingException {
    int outputs = outputs(booster);
    double[] predictions = new double[Math.multiplyExact(rows, outputs)];
    int capacity = Math.min(rows, BATCH) * outputs;
    SWIGTYPE_p_long_long length = new_int64_tp();
    SWIGTYPE_p_double out = new_doubleArray(Math.max(1, capacity));
    try {
      for (int from = 0; from < rows; from += BATCH) {
        int count = Math.min(BATCH, rows - from);
        predict(booster, columns, from, count, iterations, length, out);
        if (int64_tp_value(length) != (long) count * outputs) {
          throw new TrainingException(
              "LightGBM gives %d predictions for %d rows of %d outputs"
                  .formatted(int64_tp_value(length), count, outputs),
              null);
        }
        for (int i = 0; i < count * outputs; i++) {
          predictions[from * outputs + i] = doubleArray_getitem(out, i);
        }
      }
      return predictions;
    } finally {
      delete_doubleArray(out);
      delete_int64_tp(length);
    }
  }

  private static int outputs(SWIGTYPE_p_void booster) throws TrainingException {
    SWIGTYPE_p_int classes = new_intp();
    try {
      check(LGBM_BoosterGetNumClasses(booster, classes), "count its classes");
      return intp_value(classes);
    } finally {
      delete_intp(classes);
    }
  }

  private static void predict(
      SWIGTYPE_p_void booster,
      double[][] columns,
      int from,
      int count,
      int iterations,
      SWIGTYPE_p_long_long length,
      SWIGTYPE_p_double out)
      throws TrainingException {
    SWIGTYPE_p_double copy = LightgbmNative.copy(columns, from, count);
    try {
      check(
          LGBM_BoosterPredictForMat(
              booster,
              double_to_voidp_ptr(copy),
              FLOAT64,
              count,
              columns.length,
              COLUMN_MAJOR,
              NORMAL,
              0,
              iterations,
              "num_threads=1 verbosity=-1",
              length,
              out),
          "predict");
    } finally {
      delete_doubleArray(copy);
    }
  }
}
