package dev.sheaf.models.features;

import dev.sheaf.models.features.Encoding.Column;
import dev.sheaf.models.features.Encoding.Source;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.Feature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An encoding's columns inside a graph. What several columns need, such as the parts of a date, is
 * computed once; what none needs is not written.
 *
 * <p>A model that adds up effects takes {@link #numbers} and, for each group of indicators, {@link
 * #mapped}, which is one node instead of a matrix of indicators.
 */
public final class EncodedInputs {
  private final Encoding encoding;
  private final GraphArithmetic arithmetic;
  private final Map<Integer, String> features = new HashMap<>();

  /** A source's column: which one of which value. */
  private record Place(String matrix, int width, int column) {}

  EncodedInputs(Encoding encoding, OnnxGraph graph) {
    if (!graph.inputs().equals(encoding.schema().featureNames())) {
      throw new IllegalArgumentException(
          "cannot write columns made of "
              + encoding.schema().featureNames()
              + " into a graph with the inputs "
              + graph.inputs());
    }
    this.encoding = encoding;
    this.arithmetic = new GraphArithmetic(graph);
  }

  /** All columns: the name of a value {@code double[N, columns]}. */
  public String all() {
    return matrix(encoding.layout());
  }

  /** The numbers of the columns that are not indicators, in order. */
  public int[] numberColumns() {
    List<Column> layout = encoding.layout();
    return IntStream.range(0, layout.size()).filter(c -> !layout.get(c).indicator()).toArray();
  }

  /**
   * The columns that are not indicators: the name of a value {@code double[N, numberColumns]}.
   *
   * @throws IllegalStateException if there are none
   */
  public String numbers() {
    List<Column> numbers =
        encoding.layout().stream().filter(column -> !column.indicator()).toList();
    if (numbers.isEmpty()) {
      throw new IllegalStateException(
          "cannot write the columns that are not indicators: all of %d are"
              .formatted(encoding.layout().size()));
    }
    return matrix(numbers);
  }

  /**
   * A number for each category of a group: the name of a value {@code double[N,1]}.
   *
   * @param group one of the encoding's
   * @param values the numbers, by code
   * @param missing the number where the category is missing
   */
  public String mapped(IndicatorGroup group, double[] values, double missing) {
    int index = encoding.groups().indexOf(group);
    if (index < 0 || values.length != group.categories().size()) {
      throw new IllegalArgumentException(
          "cannot map the categories of %s to %d numbers: the groups are %s"
              .formatted(group, values.length, encoding.groups()));
    }
    int source = encoding.layout().get(group.firstColumn()).source();
    return look(source, values, missing);
  }

  private String look(int source, double[] perCode, double missing) {
    Source from = encoding.sources().get(source);
    Vocabulary vocabulary = from.vocabulary();
    if (vocabulary == null) {
      throw new IllegalStateException("source " + source + " has no categories");
    }
    Feature feature = encoding.schema().features().get(from.feature());
    String column = feature.name();
    if (feature.type().isCalendar()) {
      column = parts(from.feature());
      if (feature.parts().size() > 1) {
        column = arithmetic.columns(column, new int[] {from.part()});
      }
    }
    double[] values = vocabulary.perKey(perCode, missing);
    return arithmetic.look(column, vocabulary.keys(), values, missing);
  }

  private String parts(int feature) {
    Feature calendar = encoding.schema().features().get(feature);
    return features.computeIfAbsent(
        feature, ignored -> Calendar.parts(arithmetic, calendar.name(), calendar));
  }

  private String matrix(List<Column> columns) {
    Map<String, Integer> starts = new LinkedHashMap<>();
    int width = 0;
    int[] chosen = new int[columns.size()];
    Map<Integer, Place> places = new HashMap<>();
    for (int c = 0; c < chosen.length; c++) {
      Place place = places.computeIfAbsent(columns.get(c).source(), this::place);
      Integer start = starts.get(place.matrix());
      if (start == null) {
        start = width;
        starts.put(place.matrix(), start);
        width += place.width();
      }
      chosen[c] = start + place.column();
    }
    String joined = arithmetic.join(new ArrayList<>(starts.keySet()));
    boolean indicators = columns.stream().anyMatch(Column::indicator);
    boolean asJoined =
        chosen.length == width && IntStream.range(0, width).allMatch(c -> chosen[c] == c);
    // Indicators of a single column need it once: constants make more of it.
    if (!asJoined && !(width == 1 && indicators)) {
      joined = arithmetic.columns(joined, chosen);
    }
    if (!indicators) {
      return joined;
    }
    double[] values = columns.stream().mapToDouble(Column::indicates).toArray();
    double[] kept = columns.stream().mapToDouble(column -> column.indicator() ? 0 : 1).toArray();
    return arithmetic.indicate(joined, values, kept);
  }

  private Place place(int source) {
    Source from = encoding.sources().get(source);
    Feature feature = encoding.schema().features().get(from.feature());
    Vocabulary vocabulary = from.vocabulary();
    if (vocabulary != null && vocabulary.gaps()) {
      int categories = vocabulary.categories().size();
      double[] values =
          IntStream.range(0, categories).mapToDouble(code -> vocabulary.origin() + code).toArray();
      return new Place(look(source, values, Double.NaN), 1, 0);
    }
    if (feature.type().isCalendar()) {
      return new Place(parts(from.feature()), feature.parts().size(), from.part());
    }
    return new Place(feature.name(), 1, 0);
  }
}
