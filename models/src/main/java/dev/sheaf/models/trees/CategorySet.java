package dev.sheaf.models.trees;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The category codes that go left at a categorical split, ascending. */
final class CategorySet {
  private final int[] codes;

  /** Takes the array over; it must be ascending, of distinct codes of 0 or more. */
  CategorySet(int[] codes) {
    this.codes = codes;
  }

  IntStream stream() {
    return Arrays.stream(codes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CategorySet set && Arrays.equals(codes, set.codes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(codes);
  }
}
