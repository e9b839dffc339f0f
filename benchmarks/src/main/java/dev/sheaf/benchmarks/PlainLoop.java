package dev.sheaf.benchmarks;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.values.Row;

/** Inference as the one who calls ONNX Runtime by hand writes it, for one purpose. */
interface PlainLoop extends AutoCloseable {
  /** The most rows of one call. */
  int BATCH = 4096;

  /**
   * Predicts some rows, at most {@link #BATCH} with one call.
   *
   * @return the sum of the predictions
   */
  double predict(int[] keys, double[][] columns, int from, int rows) throws OrtException;

  /** Puts a row's key straight into the buffers of the next call. */
  void putKey(int row, int key);

  /** Puts a row's value straight into the buffers of the next call. */
  void put(int row, int feature, double value);

  /** Predicts the first rows that were put, at most {@link #BATCH}. */
  void predict(int rows) throws OrtException;

  /** What the last call predicted of a row, counted from the first of that call. */
  double prediction(int row);

  @Override
  void close() throws OrtException;

  /** ONNX Runtime, started on a thread with room: it needs more stack than a Java thread has. */
  static OrtEnvironment environment() {
    CompletableFuture<OrtEnvironment> started = new CompletableFuture<>();
    Runnable start = () -> started.complete(OrtEnvironment.getEnvironment());
    new Thread(null, start, "onnxruntime-start", 64L << 20).start();
    return started.orTimeout(2, TimeUnit.MINUTES).join();
  }

  /** Options for one thread, else as ONNX Runtime has them. */
  static SessionOptions options() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    return options;
  }

  /** Reads the values out of Beam rows first, into columns, and looks up the key. */
  default double predict(List<Row> rows, Map<String, Integer> index) throws OrtException {
    int features = rows.get(0).getFieldCount() - 1;
    int batch = Math.min(BATCH, rows.size());
    int[] keys = new int[batch];
    double[][] columns = new double[features][batch];
    double sum = 0;
    for (int from = 0; from < rows.size(); from += batch) {
      int size = Math.min(batch, rows.size() - from);
      for (int i = 0; i < size; i++) {
        Row row = rows.get(from + i);
        Integer key = index.get(row.getValue(0));
        if (key == null) {
          throw new IllegalStateException("no model for the key of " + row);
        }
        keys[i] = key;
        for (int f = 0; f < features; f++) {
          Double value = row.getValue(f + 1);
          columns[f][i] = value == null ? Double.NaN : value;
        }
      }
      sum += predict(keys, columns, 0, size);
    }
    return sum;
  }
}
