package dev.sheaf.models.train.lightgbm;

import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_float;
import com.microsoft.ml.lightgbm.lightgbmlib;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.trees.NativeLightgbm;
import java.io.UncheckedIOException;

/** The native library: loading it, its errors and its arrays. */
final class LightgbmNative {
  private LightgbmNative() {}

  /** Loads the library on the first call, and says of every key why it cannot be. */
  static void load() throws TrainingException {
    try {
      NativeLightgbm.load();
    } catch (LinkageError | UncheckedIOException e) {
      throw new TrainingException(
          "LightGBM's native library cannot be loaded: on Linux it needs libgomp.so.1 (package"
              + " libgomp1); "
              + e,
          e);
    }
  }

  /** Turns the library's refusal into an exception. */
  static void check(int result, String what) throws TrainingException {
    if (result != 0) {
      throw new TrainingException(
          "LightGBM cannot " + what + ": " + plain(lightgbmlib.LGBM_GetLastError()), null);
    }
  }

  /** The first line without the place in the library's source. */
  private static String plain(String message) {
    String line = message.strip().lines().findFirst().orElse("it does not say why");
    int source = line.indexOf(" at /");
    return source < 0 ? line : line.substring(0, source);
  }

  /** A native copy of columns, one after the other; free it with delete_doubleArray. */
  static SWIGTYPE_p_double copy(double[][] columns, int from, int rows) {
    SWIGTYPE_p_double array =
        lightgbmlib.new_doubleArray(Math.max(1, (long) columns.length * rows));
    long at = 0;
    for (double[] column : columns) {
      for (int i = from; i < from + rows; i++) {
        lightgbmlib.doubleArray_setitem(array, at++, column[i]);
      }
    }
    return array;
  }

  /** A native copy as floats; free it with delete_floatArray. */
  static SWIGTYPE_p_float copy(double[] values) {
    SWIGTYPE_p_float array = lightgbmlib.new_floatArray(values.length);
    for (int i = 0; i < values.length; i++) {
      lightgbmlib.floatArray_setitem(array, i, (float) values[i]);
    }
    return array;
  }
}
