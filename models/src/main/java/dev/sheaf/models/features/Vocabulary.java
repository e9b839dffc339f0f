package dev.sheaf.models.features;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.RowBlock;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The categories of a column, and which values stand for them. */
sealed interface Vocabulary extends Serializable
    permits TextVocabulary, Vocabulary.Numbers, Vocabulary.Part {
  /** The categories as text, by code. */
  List<String> categories();

  /** What stands for each row's category: its code plus {@link #origin}; NaN if it is missing. */
  double[] values(RowBlock rows, int feature, double[] column);

  /** The value of code 0; that of code k is larger by k. */
  double origin();

  /**
   * Whether some of the categories were not among the training rows, so that no value is theirs.
   */
  boolean gaps();

  /** The graph's keys; at least one, since an encoder without keys cannot be written. */
  AttributeProto keys();

  /** The graph's values by key: of each its code's; of a key that stands for none the other one. */
  double[] perKey(double[] perCode, double missing);

  /** The texts of training rows that are kept, at most {@code limit}. */
  static Vocabulary ofTexts(RowBlock rows, int feature, int limit) {
    List<String> dictionary = rows.dictionary(feature);
    Map<String, Integer> counts = new HashMap<>();
    for (double code : rows.column(feature)) {
      if (!Double.isNaN(code)) {
        counts.merge(dictionary.get((int) code), 1, Integer::sum);
      }
    }
    counts.remove("");
    return new TextVocabulary(mostFrequent(counts, limit));
  }

  /** The whole numbers of training rows that are kept, at most {@code limit}. */
  static Vocabulary ofNumbers(double[] column, int limit) {
    Map<Double, Integer> counts = new HashMap<>();
    for (double value : column) {
      if (!Double.isNaN(value)) {
        counts.merge(value + 0.0, 1, Integer::sum);
      }
    }
    return new Numbers(
        mostFrequent(counts, limit).stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** All values of a calendar part, of which those that do not occur stand for no category. */
  static Vocabulary ofPart(double[] column, CalendarPart part, int domain) {
    boolean[] seen = new boolean[domain];
    int first = Calendar.first(part);
    for (double value : column) {
      int code = (int) value - first;
      if (!Double.isNaN(value) && code >= 0 && code < domain) {
        seen[code] = true;
      }
    }
    return new Part(first, seen);
  }

  private static <T extends Comparable<T>> List<T> mostFrequent(Map<T, Integer> counts, int limit) {
    List<T> kept = new ArrayList<>(counts.keySet());
    Collections.sort(kept);
    if (kept.size() > limit) {
      kept.sort(Comparator.comparing((T category) -> -counts.getOrDefault(category, 0)));
      kept = kept.subList(0, limit);
      Collections.sort(kept);
    }
    return kept;
  }

  /** Whole numbers in sorted order. */
  final class Numbers implements Vocabulary {
    private static final long serialVersionUID = 1;

    private final double[] numbers;

    Numbers(double[] numbers) {
      this.numbers = numbers;
    }

    @Override
    public List<String> categories() {
      return Arrays.stream(numbers).mapToObj(number -> Long.toString((long) number)).toList();
    }

    @Override
    public double[] values(RowBlock rows, int feature, double[] column) {
      double[] values = new double[column.length];
      for (int i = 0; i < values.length; i++) {
        int code = Arrays.binarySearch(numbers, column[i] + 0.0);
        values[i] = code < 0 ? Double.NaN : code;
      }
      return values;
    }

    @Override
    public double origin() {
      return 0;
    }

    @Override
    public boolean gaps() {
      return true;
    }

    @Override
    public AttributeProto keys() {
      return Attributes.of("keys_tensor", numbers.length == 0 ? new double[1] : numbers);
    }

    @Override
    public double[] perKey(double[] perCode, double missing) {
      return numbers.length == 0 ? new double[] {missing} : perCode;
    }
  }

  /** The values of a calendar part, which are their own codes but for the origin. */
  final class Part implements Vocabulary {
    private static final long serialVersionUID = 1;

    private final int first;
    private final boolean[] seen;

    Part(int first, boolean[] seen) {
      this.first = first;
      this.seen = seen;
    }

    @Override
    public List<String> categories() {
      return IntStream.range(0, seen.length).mapToObj(code -> "" + (first + code)).toList();
    }

    @Override
    public double[] values(RowBlock rows, int feature, double[] column) {
      if (!gaps()) {
        return column;
      }
      double[] values = new double[column.length];
      for (int i = 0; i < values.length; i++) {
        double code = column[i] - first;
        boolean known = code >= 0 && code < seen.length && seen[(int) code];
        values[i] = known ? column[i] : Double.NaN;
      }
      return values;
    }

    @Override
    public double origin() {
      return first;
    }

    @Override
    public boolean gaps() {
      return known().length < seen.length;
    }

    @Override
    public AttributeProto keys() {
      double[] keys = Arrays.stream(known()).mapToDouble(code -> first + code).toArray();
      return Attributes.of("keys_tensor", keys.length == 0 ? new double[1] : keys);
    }

    @Override
    public double[] perKey(double[] perCode, double missing) {
      int[] known = known();
      return known.length == 0
          ? new double[] {missing}
          : Arrays.stream(known).mapToDouble(code -> perCode[code]).toArray();
    }

    private int[] known() {
      return IntStream.range(0, seen.length).filter(code -> seen[code]).toArray();
    }
  }
}
