package dev.sheaf.models.convert;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a converted model of one matrix input as anybody would, by ONNX Runtime alone. */
final class OnnxScorer implements AutoCloseable {
  private final OrtSession session;
  private final boolean inFloat;

  OnnxScorer(byte[] onnx) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(onnx, options);
    }
    inFloat =
        session.getInputInfo().values().stream()
            .anyMatch(
                input ->
                    input.getInfo() instanceof TensorInfo tensor
                        && tensor.type == OnnxJavaType.FLOAT);
  }

  /** The rows of one output. */
  static double[][] run(byte[] onnx, double[][] rows, String output) throws OrtException {
    try (OnnxScorer scorer = new OnnxScorer(onnx)) {
      return scorer.run(rows, output);
    }
  }

  double[][] run(double[][] rows, String output) throws OrtException {
    try (OnnxTensor input = tensor(rows);
        OrtSession.Result result = session.run(Map.of(ModelConverter.INPUT, input))) {
      Object value = result.get(output).orElseThrow().getValue();
      if (value instanceof double[][] doubles) {
        return doubles;
      }
      return Arrays.stream((long[][]) value)
          .map(row -> Arrays.stream(row).asDoubleStream().toArray())
          .toArray(double[][]::new);
    }
  }

  /** As {@link #run(double[][], String)}, in batches of a given size. */
  double[][] run(double[][] rows, String output, int batch) throws OrtException {
    double[][] all = new double[rows.length][];
    for (int from = 0; from < rows.length; from += batch) {
      int to = Math.min(rows.length, from + batch);
      System.arraycopy(run(Arrays.copyOfRange(rows, from, to), output), 0, all, from, to - from);
    }
    return all;
  }

  /** What the outputs are: their names and shapes. */
  Map<String, String> outputs() throws OrtException {
    Map<String, String> outputs = new LinkedHashMap<>();
    for (var output : session.getOutputInfo().values()) {
      TensorInfo info = (TensorInfo) output.getInfo();
      outputs.put(output.getName(), info.type + Arrays.toString(info.getShape()));
    }
    return outputs;
  }

  Map<String, String> properties() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  private OnnxTensor tensor(double[][] rows) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    if (!inFloat) {
      return OnnxTensor.createTensor(environment, rows);
    }
    float[][] narrow = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      narrow[i] = new float[rows[i].length];
      for (int f = 0; f < narrow[i].length; f++) {
        narrow[i][f] = (float) rows[i][f];
      }
    }
    return OnnxTensor.createTensor(environment, narrow);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
