package dev.sheaf.models.trees;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The columns that categorical splits look at: for each different set of categories of a feature
 * one, 0 for a member and 1 for any other value.
 *
 * <p>They are looked up in a table with a row per category. ONNX Runtime 1.29 takes wrong branches
 * at TreeEnsemble's own set membership (BRANCH_MEMBER) as soon as a set has a code above about 30,
 * and it is slower than a comparison of numbers.
 */
final class Memberships {
  /** Between a member, 0, and another value, 1; exact in float. */
  private static final double BETWEEN = 0.5;

  /** Up to this many rows a table has a row for every code, used or not. */
  private static final int SMALL_TABLE = 4096;

  private final TreeEnsemble trees;
  private final int[] columns;
  private final Map<Integer, Sets> byFeature;

  private Memberships(TreeEnsemble trees, int[] columns, Map<Integer, Sets> byFeature) {
    this.trees = trees;
    this.columns = columns;
    this.byFeature = byFeature;
  }

  /** The different sets of one feature, and whether a missing value goes left anywhere. */
  private static final class Sets {
    final Map<CategorySet, Integer> numbers = new LinkedHashMap<>();
    boolean missingGoesLeft;
    int firstColumn;
  }

  static Memberships of(TreeEnsemble trees) {
    TreeNodes nodes = trees.nodes();
    Map<Integer, Sets> byFeature = new TreeMap<>();
    for (int branch = 0; branch < nodes.branches(); branch++) {
      if (nodes.set(branch) >= 0) {
        Sets sets = byFeature.computeIfAbsent(nodes.feature(branch), f -> new Sets());
        sets.numbers.putIfAbsent(nodes.categorySet(nodes.set(branch)), sets.numbers.size());
        sets.missingGoesLeft |= nodes.missingGoesLeft(branch);
      }
    }
    int next = trees.head().features();
    for (Sets sets : byFeature.values()) {
      sets.firstColumn = next;
      next += sets.numbers.size();
    }
    int[] columns = new int[nodes.branches()];
    for (int branch = 0; branch < columns.length; branch++) {
      columns[branch] = nodes.feature(branch);
      if (nodes.set(branch) >= 0) {
        Sets sets = byFeature.getOrDefault(nodes.feature(branch), new Sets());
        columns[branch] =
            sets.firstColumn + sets.numbers.getOrDefault(nodes.categorySet(nodes.set(branch)), 0);
      }
    }
    return new Memberships(trees, columns, byFeature);
  }

  /** The column that a split looks at. */
  int column(int branch) {
    return columns[branch];
  }

  double threshold(int branch) {
    return trees.nodes().set(branch) < 0 ? trees.nodes().threshold(branch) : BETWEEN;
  }

  /** Adds the columns behind those of the matrix; returns the name of the whole. */
  String append(OnnxGraph graph, String matrix, OnnxValue.Type type) {
    if (byFeature.isEmpty()) {
      return matrix;
    }
    List<String> parts = new ArrayList<>();
    parts.add(matrix);
    byFeature.forEach((feature, sets) -> parts.add(lookUp(graph, matrix, type, feature, sets)));
    return graph.node("Concat", parts, graph.name("trees.joined"), Attributes.of("axis", 1));
  }

  private String lookUp(
      OnnxGraph graph, String matrix, OnnxValue.Type type, int feature, Sets sets) {
    String word = "trees.category" + feature + ".";
    String value =
        graph.node(
            "Gather",
            List.of(matrix, graph.constant(word + "place", new long[] {feature}, 1)),
            graph.name(word + "value"),
            Attributes.of("axis", 1));
    int[] codes = codes(sets);
    String row = row(graph, word, value, type, codes);
    int width = sets.numbers.size();
    int rows = isSmall(codes) ? codes[codes.length - 1] + 2 : codes.length + 1;
    String table = graph.constant(word + "table", table(sets, codes), rows, width);
    String found =
        graph.node(
            "Gather", List.of(table, row), graph.name(word + "found"), Attributes.of("axis", 0));
    String cast = graph.node("Cast", List.of(found), graph.name(word + "cast"), TreeGraph.to(type));
    String others =
        graph.node(
            "Reshape",
            List.of(cast, graph.constant(word + "shape", new long[] {-1, width}, 2)),
            graph.name(word + "others"));
    if (!sets.missingGoesLeft) {
      return others;
    }
    String missing = graph.node("IsNaN", List.of(value), graph.name(word + "missing"));
    return graph.node("Where", List.of(missing, value, others), graph.name(word + "orMissing"));
  }

  /**
   * The table's row for each value: the whole part of the value, or the last row for a value that
   * is no code of any set.
   */
  private String row(OnnxGraph graph, String word, String value, OnnxValue.Type type, int[] codes) {
    int largest = codes[codes.length - 1];
    boolean fromZero = trees.rule() == SplitRule.BELOW_IN_FLOAT;
    String low = number(graph, word + "low", fromZero ? 0 : -1, type);
    String high = number(graph, word + "high", largest + 1.0, type);
    String above =
        graph.node(
            fromZero ? "GreaterOrEqual" : "Greater",
            List.of(value, low),
            graph.name(word + "above"));
    String below = graph.node("Less", List.of(value, high), graph.name(word + "below"));
    String inside = graph.node("And", List.of(above, below), graph.name(word + "inside"));
    String code = graph.node("Where", List.of(inside, value, high), graph.name(word + "code"));
    String row =
        graph.node(
            "Cast", List.of(code), graph.name(word + "row"), TreeGraph.to(OnnxValue.Type.INT64));
    if (isSmall(codes)) {
      return row;
    }
    long[] keys = new long[codes.length];
    long[] places = new long[codes.length];
    for (int i = 0; i < codes.length; i++) {
      keys[i] = codes[i];
      places[i] = i;
    }
    return graph.mlNode(
        "LabelEncoder",
        List.of(row),
        graph.name(word + "known"),
        Attributes.of("keys_int64s", keys),
        Attributes.of("values_int64s", places),
        Attributes.of("default_int64", codes.length));
  }

  private static String number(OnnxGraph graph, String word, double value, OnnxValue.Type type) {
    String constant = graph.constant(word, new double[] {value});
    return type == OnnxValue.Type.DOUBLE
        ? constant
        : graph.node("Cast", List.of(constant), graph.name(word + "Cast"), TreeGraph.to(type));
  }

  private static boolean isSmall(int[] codes) {
    return codes[codes.length - 1] < Math.max(SMALL_TABLE, 2 * codes.length);
  }

  /** All codes of all sets, ascending; code 0 if there is none. */
  private static int[] codes(Sets sets) {
    int[] codes =
        sets.numbers.keySet().stream()
            .flatMapToInt(CategorySet::stream)
            .sorted()
            .distinct()
            .toArray();
    return codes.length == 0 ? new int[1] : codes;
  }

  private static byte[] table(Sets sets, int[] codes) {
    int width = sets.numbers.size();
    boolean small = isSmall(codes);
    int rows = small ? codes[codes.length - 1] + 2 : codes.length + 1;
    byte[] table = new byte[Math.multiplyExact(rows, width)];
    Arrays.fill(table, (byte) 1);
    sets.numbers.forEach(
        (set, number) ->
            set.stream()
                .map(code -> small ? code : Arrays.binarySearch(codes, code))
                .forEach(row -> table[row * width + number] = 0));
    return table;
  }
}
