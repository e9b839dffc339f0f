package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Plain loops over keys, on one thread or on several that take the next key each. */
final class Threads {
  private Threads() {}

  /** What is done for one key. */
  interface Work {
    /**
     * Does it.
     *
     * @return seconds of the work alone, without making its data
     */
    double run(int key) throws Exception;
  }

  /** Runs all keys; gives the seconds of the thread that had most to do. */
  static double seconds(int threads, int keys, Work work) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Double>> loops = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        loops.add(
            pool.submit(
                () -> {
                  double seconds = 0;
                  for (int key = next.getAndIncrement(); key < keys; key = next.getAndIncrement()) {
                    seconds += work.run(key);
                  }
                  return seconds;
                }));
      }
      double most = 0;
      for (Future<Double> loop : loops) {
        most = Math.max(most, loop.get());
      }
      return most;
    } finally {
      pool.shutdownNow();
    }
  }
}
