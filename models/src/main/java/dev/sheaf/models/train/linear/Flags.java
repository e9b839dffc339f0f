package dev.sheaf.models.train.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sums over rows that have a flag: that a category has a certain value, or that a value is missing.
 *
 * <p>Flags come from sources, each of which sets at most one flag of a row: first the columns of
 * numbers, whose only flag is that the number is missing (the last of them, the label, never is),
 * then the columns of categories. Only flags that some row has are kept, so that parts with
 * different categories merge into their union. Flags count from the source's start; pairs of flags
 * of one source are not stored, for a row never has both.
 */
final class Flags {
  /** Per source its flags, sorted; a missing value is the last. */
  private final List<List<Category>> vocabularies;

  /** Per source the number of its first flag; then the number of all flags. */
  private final int[] starts;

  /** Per source where the pairs of its flags with those of earlier sources begin. */
  private final int[] pairStarts;

  private final int columns;

  /** Per flag the number of rows that have it. */
  private final long[] counts;

  /** Per flag the weight of the rows that have it. */
  private final double[] weights;

  /** At [flag * columns + j]: over rows with the flag, the sum of centred numbers of column j. */
  private final double[] sums;

  /** The weights of the rows that have two flags. */
  private final double[] pairs;

  private Flags(List<List<Category>> vocabularies, int columns) {
    this.vocabularies = vocabularies;
    this.columns = columns;
    starts = new int[vocabularies.size() + 1];
    pairStarts = new int[vocabularies.size()];
    long pairCount = 0;
    for (int s = 0; s < pairStarts.length; s++) {
      int size = vocabularies.get(s).size();
      starts[s + 1] = starts[s] + size;
      pairStarts[s] = Math.toIntExact(pairCount);
      pairCount += (long) size * starts[s];
    }
    counts = new long[count()];
    weights = new double[count()];
    sums = new double[count() * columns];
    pairs = new double[Math.toIntExact(pairCount)];
  }

  /** No flag at all. */
  static Flags none(int sources, int columns) {
    return new Flags(Collections.nCopies(sources, List.of()), columns);
  }

  /** Flags with every sum 0. */
  static Flags of(List<List<Category>> vocabularies, int columns) {
    return new Flags(List.copyOf(vocabularies), columns);
  }

  /**
   * Sums over the rows of a block.
   *
   * @param codes per source and row the place of its flag in the source's vocabulary, or -1; no
   *     codes for a source without flags
   * @param weighted per column the centred numbers times the row's weight, 0 where missing
   */
  static Flags of(
      List<List<Category>> vocabularies,
      int[][] codes,
      double @Nullable [] rowWeights,
      double[][] weighted) {
    Flags flags = of(vocabularies, weighted.length);
    for (int s = 0; s < codes.length; s++) {
      int[] own = codes[s];
      for (int i = 0; i < own.length; i++) {
        if (own[i] >= 0) {
          flags.counts[flags.starts[s] + own[i]]++;
          flags.weights[flags.starts[s] + own[i]] += weight(rowWeights, i);
        }
      }
      for (int j = 0; j < weighted.length; j++) {
        for (int i = 0; i < own.length; i++) {
          if (own[i] >= 0) {
            flags.sums[(flags.starts[s] + own[i]) * flags.columns + j] += weighted[j][i];
          }
        }
      }
      for (int t = 0; t < s; t++) {
        int[] earlier = codes[t];
        if (own.length > 0 && earlier.length > 0) {
          flags.countPairs(s, own, t, earlier, rowWeights);
        }
      }
    }
    return flags;
  }

  private void countPairs(
      int source, int[] own, int earlier, int[] others, double @Nullable [] rowWeights) {
    for (int i = 0; i < own.length; i++) {
      if (own[i] >= 0 && others[i] >= 0) {
        pairs[pairStarts[source] + own[i] * starts[source] + starts[earlier] + others[i]] +=
            weight(rowWeights, i);
      }
    }
  }

  private static double weight(double @Nullable [] rowWeights, int row) {
    return rowWeights == null ? 1 : rowWeights[row];
  }

  /** Flags with every sum 0 that both have room in. */
  Flags union(Flags other) {
    if (vocabularies.equals(other.vocabularies)) {
      return new Flags(vocabularies, columns);
    }
    List<List<Category>> union = new ArrayList<>(vocabularies.size());
    for (int s = 0; s < vocabularies.size(); s++) {
      List<Category> own = vocabularies.get(s);
      List<Category> others = other.vocabularies.get(s);
      if (own.equals(others)) {
        union.add(own);
      } else {
        TreeSet<Category> both = new TreeSet<>(own);
        both.addAll(others);
        union.add(List.copyOf(both));
      }
    }
    return of(union, columns);
  }

  /**
   * Adds the sums of a part, whose numbers move by so much. A category of the part that is not here
   * counts as missing, which then is.
   */
  void add(Flags part, double[] moves) {
    int[] places = placesOf(part);
    for (int s = 0; s < part.vocabularies.size(); s++) {
      for (int k = part.starts[s]; k < part.starts[s + 1]; k++) {
        counts[places[k]] += part.counts[k];
        weights[places[k]] += part.weights[k];
        for (int j = 0; j < columns; j++) {
          double moved = part.weights[k] - part.together(k, part.missing(j));
          sums[places[k] * columns + j] += part.sums[k * columns + j] + moves[j] * moved;
        }
        for (int l = 0; l < part.starts[s]; l++) {
          pairs[pair(s, places[k], places[l])] += part.pairs[part.pair(s, k, l)];
        }
      }
    }
  }

  private int[] placesOf(Flags part) {
    int[] places = new int[part.count()];
    for (int s = 0; s < vocabularies.size(); s++) {
      List<Category> own = vocabularies.get(s);
      List<Category> others = part.vocabularies.get(s);
      boolean same = own.equals(others);
      for (int i = 0; i < others.size(); i++) {
        int place = same ? i : Collections.binarySearch(own, others.get(i));
        places[part.starts[s] + i] = starts[s] + (place < 0 ? own.size() - 1 : place);
      }
    }
    return places;
  }

  /** The number of flags. */
  int count() {
    return starts[starts.length - 1];
  }

  List<List<Category>> vocabularies() {
    return vocabularies;
  }

  /** The first flag of a source. */
  int start(int source) {
    return starts[source];
  }

  /** The source of a flag. */
  int source(int flag) {
    int source = 0;
    while (starts[source + 1] <= flag) {
      source++;
    }
    return source;
  }

  /** The flag for a missing value of a source, or -1. */
  int missing(int source) {
    int last = starts[source + 1] - 1;
    return last >= starts[source] && vocabularies.get(source).get(last - starts[source]).isMissing()
        ? last
        : -1;
  }

  /**
   * The same sums with at most so many categories per source: the most frequent, the others being
   * missing.
   */
  Flags keeping(int limit) {
    List<List<Category>> kept = new ArrayList<>(vocabularies.size());
    for (int s = 0; s < vocabularies.size(); s++) {
      long[] own = Arrays.copyOfRange(counts, starts[s], starts[s + 1]);
      kept.add(Vocabularies.mostFrequent(vocabularies.get(s), own, limit));
    }
    if (kept.equals(vocabularies)) {
      return this;
    }
    Flags flags = of(kept, columns);
    flags.add(this, new double[columns]);
    return flags;
  }

  /** The number of rows with a flag; 0 for flag -1. */
  long count(int flag) {
    return flag < 0 ? 0 : counts[flag];
  }

  /** The weight of the rows with a flag; 0 for flag -1. */
  double weight(int flag) {
    return flag < 0 ? 0 : weights[flag];
  }

  /** The sum of a number's centred values over the rows with a flag; 0 for flag -1. */
  double sum(int flag, int column) {
    return flag < 0 ? 0 : sums[flag * columns + column];
  }

  /** The weight of the rows that have both flags; 0 if either is -1. */
  double together(int flag, int other) {
    if (flag < 0 || other < 0) {
      return 0;
    }
    if (flag == other) {
      return weights[flag];
    }
    int later = Math.max(flag, other);
    int earlier = Math.min(flag, other);
    int source = source(later);
    return earlier >= starts[source] ? 0 : pairs[pair(source, later, earlier)];
  }

  private int pair(int source, int flag, int earlier) {
    return pairStarts[source] + (flag - starts[source]) * starts[source] + earlier;
  }

  long[] counts() {
    return counts;
  }

  double[] weights() {
    return weights;
  }

  double[] sums() {
    return sums;
  }

  double[] pairs() {
    return pairs;
  }

  /** About how many bytes it takes in memory, categories included. */
  long byteSize() {
    long bytes = 8L * (2L * weights.length + sums.length + pairs.length) + 8L * starts.length + 112;
    for (List<Category> vocabulary : vocabularies) {
      for (Category category : vocabulary) {
        bytes += 32 + (category.text().isEmpty() ? 0 : 56 + category.text().length());
      }
    }
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Flags that
        && columns == that.columns
        && vocabularies.equals(that.vocabularies)
        && Arrays.equals(counts, that.counts)
        && Arrays.equals(weights, that.weights)
        && Arrays.equals(sums, that.sums)
        && Arrays.equals(pairs, that.pairs);
  }

  @Override
  public int hashCode() {
    return vocabularies.hashCode();
  }
}
