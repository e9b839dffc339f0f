package dev.sheaf.models.onnx;

/**
 * What an open session takes of the machine's memory, by the growth of the resident set over
 * hundreds of sessions of each kind (ONNX Runtime 1.29 on Linux, one thread, all optimizations).
 *
 * <pre>
 * kind of model                            file      measured   by the formula
 * linear regressor, 1 node                349 B        71 KiB        74 KiB
 * 4 dense layers of 64                   64 KiB       148 KiB       200 KiB
 * 4 dense layers of 512                 4.0 MiB       7.4 MiB       7.7 MiB
 * 16 dense layers of 1024                64 MiB        85 MiB       122 MiB
 * convolutions for MNIST, 13 nodes       86 KiB       268 KiB       263 KiB
 * forest of scikit-learn, 3 nodes        65 KiB       458 KiB       498 KiB
 * trees written as 110 plain nodes       13 KiB       385 KiB       378 KiB
 * fan-out of 203 nodes                   23 KiB       633 KiB       623 KiB
 * small BERT, 129 nodes                 481 KiB       851 KiB       1.2 MiB
 * </pre>
 *
 * <p>Weights are kept once, and again as packed for multiplying; attributes, such as trees, become
 * C++ objects several times their size. What a call takes for its tensors comes on top, and what
 * lies on a GPU is not in it.
 */
final class SessionBytes {
  private static final long SESSION = 70 << 10;
  private static final long NODE = 2 << 10;
  private static final double WEIGHTS = 1.9;
  private static final double ATTRIBUTES = 6.5;

  private SessionBytes() {}

  static long of(long fileBytes, ModelGraph graph) {
    long inFile = Math.min(fileBytes, graph.weightBytes());
    long external = graph.externalData().ends().values().stream().mapToLong(Long::longValue).sum();
    return SESSION
        + NODE * graph.nodes()
        + (long) (WEIGHTS * (inFile + external))
        + (long) (ATTRIBUTES * (fileBytes - inFile));
  }
}
