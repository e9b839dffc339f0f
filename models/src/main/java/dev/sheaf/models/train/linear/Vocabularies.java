package dev.sheaf.models.train.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Finds the categories of columns: sorted lists, a missing value last. */
final class Vocabularies {
  private Vocabularies() {}

  /** A column's categories, and per row the place of its own among them. */
  static final class Coded {
    private final List<Category> vocabulary;
    private final int[] codes;
    private final int found;

    Coded(List<Category> vocabulary, int[] codes, int found) {
      this.vocabulary = vocabulary;
      this.codes = codes;
      this.found = found;
    }

    List<Category> vocabulary() {
      return vocabulary;
    }

    int[] codes() {
      return codes;
    }

    /** How many categories there were before the least frequent were left out. */
    int found() {
      return found;
    }

    /** The same with the most frequent categories alone, the others being missing. */
    Coded keeping(int limit) {
      if (vocabulary.size() <= limit) {
        return this;
      }
      long[] counts = new long[vocabulary.size()];
      for (int code : codes) {
        counts[code]++;
      }
      List<Category> kept = mostFrequent(vocabulary, counts, limit);
      int[] places = new int[vocabulary.size()];
      for (int i = 0; i < places.length; i++) {
        int place = Collections.binarySearch(kept, vocabulary.get(i));
        places[i] = place < 0 ? kept.size() - 1 : place;
      }
      return new Coded(kept, Arrays.stream(codes).map(code -> places[code]).toArray(), found);
    }
  }

  /** The categories of text, given as indexes into a dictionary. */
  static Coded ofTexts(double[] column, List<String> dictionary) {
    boolean[] seen = new boolean[dictionary.size()];
    TreeSet<Category> found = new TreeSet<>();
    for (double value : column) {
      if (Double.isNaN(value)) {
        found.add(Category.MISSING);
      } else {
        seen[(int) value] = true;
      }
    }
    for (int i = 0; i < seen.length; i++) {
      if (seen[i]) {
        found.add(Category.of(dictionary.get(i)));
      }
    }
    List<Category> vocabulary = List.copyOf(found);
    int[] places = new int[seen.length];
    for (int i = 0; i < seen.length; i++) {
      places[i] = seen[i] ? place(vocabulary, Category.of(dictionary.get(i))) : -1;
    }
    int[] codes = new int[column.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Double.isNaN(column[i]) ? vocabulary.size() - 1 : places[(int) column[i]];
    }
    return new Coded(vocabulary, codes, known(vocabulary));
  }

  /** The categories of numbers. */
  static Coded ofNumbers(double[] column) {
    double[] sorted = column.clone();
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] += 0.0;
    }
    Arrays.sort(sorted);
    double[] distinct = Arrays.stream(sorted).distinct().toArray();
    int[] codes = new int[column.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Arrays.binarySearch(distinct, column[i] + 0.0);
    }
    List<Category> vocabulary = Arrays.stream(distinct).mapToObj(Category::of).toList();
    return new Coded(vocabulary, codes, known(vocabulary));
  }

  /** The number of categories, a missing one not counted. */
  static int known(List<Category> vocabulary) {
    int size = vocabulary.size();
    return size > 0 && vocabulary.get(size - 1).isMissing() ? size - 1 : size;
  }

  static int place(List<Category> vocabulary, Category category) {
    return Collections.binarySearch(vocabulary, category);
  }

  /**
   * The categories with most rows, at most so many, among equals those that come first; and a
   * missing one if there was one or if any is left out.
   */
  static List<Category> mostFrequent(List<Category> vocabulary, long[] counts, int limit) {
    int known = known(vocabulary);
    if (known <= limit) {
      return vocabulary;
    }
    List<Category> kept =
        new ArrayList<>(
            IntStream.range(0, known)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -counts[i]).thenComparing(i -> i))
                .limit(limit)
                .map(vocabulary::get)
                .sorted()
                .toList());
    kept.add(Category.MISSING);
    return List.copyOf(kept);
  }
}
