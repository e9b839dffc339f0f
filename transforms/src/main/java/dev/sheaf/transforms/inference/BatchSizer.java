package dev.sheaf.transforms.inference;

import java.time.Duration;

/**
 * How large the next batch should be, from what earlier calls took.
 *
 * <p>The time of a call is taken to be {@code fixed + size * each}; both are fitted by least
 * squares in which older calls count less and less. Sizes double until enough is known, then the
 * size aims at what {@link Batching#adapting} asks for; now and then a smaller one is tried, since
 * calls of one size alone do not tell the two apart.
 */
final class BatchSizer {
  /** How much less a call counts with each later one. */
  private static final double DECAY = 0.95;

  /** Every so many calls a smaller size is tried. */
  private static final int TRIAL = 8;

  /** So many calls of growing size before the fit is trusted. */
  private static final int FIRST_SIZES = 3;

  private static final double NANOS = 1e9;

  private final Batching batching;
  private int size;
  private int largest;
  private long calls;
  private double weights;
  private double sizes;
  private double times;
  private double squares;
  private double products;

  BatchSizer(Batching batching) {
    this.batching = batching;
    this.size = batching.adaptation() == null ? batching.maximum() : batching.minimum();
  }

  /** The size that the next batch should have. */
  int size() {
    return size;
  }

  /**
   * Learns what a call took. The first is left out: it pays for what happens once.
   *
   * @param elements how many were in the call
   */
  void measured(int elements, long nanos) {
    Batching.Adaptation adaptation = batching.adaptation();
    if (adaptation == null || elements == 0 || calls++ == 0) {
      return;
    }
    double time = nanos / NANOS;
    weights = weights * DECAY + 1;
    sizes = sizes * DECAY + elements;
    times = times * DECAY + time;
    squares = squares * DECAY + (double) elements * elements;
    products = products * DECAY + elements * time;
    largest = Math.max(largest, elements);
    int doubled = (int) Math.min(batching.maximum(), 2L * largest);
    double wanted = calls <= FIRST_SIZES ? doubled : wanted(adaptation);
    double damped = Math.max(size / 2.0, Math.min(doubled, wanted));
    int next = (int) Math.max(batching.minimum(), damped);
    size = calls % TRIAL == 0 ? Math.max(batching.minimum(), next - next / 4) : next;
  }

  /**
   * The smallest size with little enough overhead, unless it takes too long. Where more elements do
   * not take longer, or no size is quick enough, the time does not limit the size.
   */
  private double wanted(Batching.Adaptation adaptation) {
    double spread = weights * squares - sizes * sizes;
    if (spread <= 1e-9 * weights * squares) {
      return largest * 2.0;
    }
    double each = (weights * products - sizes * times) / spread;
    if (each <= 0) {
      return Integer.MAX_VALUE;
    }
    double fixed = Math.max(0, (times - each * sizes) / weights);
    double enough = fixed * (1 - adaptation.overhead()) / (adaptation.overhead() * each);
    double quick = (seconds(adaptation.latency()) - fixed) / each;
    return Math.rint(quick > 0 ? Math.min(enough, quick) : enough);
  }

  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / NANOS;
  }
}
