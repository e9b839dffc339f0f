package dev.sheaf.transforms.training;

/** A 64-bit hash of texts and numbers that never changes: the finaliser of SplitMix64. */
final class RowHash {
  // Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, figure 17.
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private RowHash() {}

  static long ofText(String text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash ^ text.charAt(i));
    }
    return hash;
  }

  /** Equal for 0.0 and -0.0, and for every NaN. */
  static long of(long seed, double value) {
    return mix(seed ^ Double.doubleToLongBits(value + 0.0));
  }

  static long mix(long value) {
    long z = value + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
