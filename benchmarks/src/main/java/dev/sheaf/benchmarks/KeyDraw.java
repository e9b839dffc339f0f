package dev.sheaf.benchmarks;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the key that a made-up row belongs to. */
interface KeyDraw extends Serializable {
  /** A key from 0. */
  int next(SplittableRandom random);

  /** Each key as often as any other. */
  static KeyDraw uniform(int keys) {
    return random -> random.nextInt(keys);
  }

  /**
   * By Zipf's law: key k as often as 1 / (k + 1)^exponent, as shops and products are asked for.
   *
   * @param exponent 0 for all alike; about 1 in practice
   */
  static KeyDraw zipf(int keys, double exponent) {
    double[] upTo = new double[keys];
    double sum = 0;
    for (int key = 0; key < keys; key++) {
      sum += Math.pow(key + 1.0, -exponent);
      upTo[key] = sum;
    }
    double all = sum;
    return random -> {
      int place = Arrays.binarySearch(upTo, random.nextDouble() * all);
      return Math.min(keys - 1, place < 0 ? -place - 1 : place);
    };
  }
}
