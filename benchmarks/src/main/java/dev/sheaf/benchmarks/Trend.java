package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** How something grows: the slope of the straight line of least squares through its samples. */
final class Trend {
  private final List<double[]> samples = new ArrayList<>();

  void add(double x, double y) {
    samples.add(new double[] {x, y});
  }

  /** What y grows by for each x; NaN of fewer than two samples. */
  double slope() {
    double meanX = samples.stream().mapToDouble(sample -> sample[0]).average().orElse(0);
    double meanY = samples.stream().mapToDouble(sample -> sample[1]).average().orElse(0);
    double products = 0;
    double squares = 0;
    for (double[] sample : samples) {
      products += (sample[0] - meanX) * (sample[1] - meanY);
      squares += (sample[0] - meanX) * (sample[0] - meanX);
    }
    return products / squares;
  }

  /** The trend of the later half alone, after what fills up once. */
  Trend laterHalf() {
    Trend later = new Trend();
    later.samples.addAll(samples.subList(samples.size() / 2, samples.size()));
    return later;
  }
}
