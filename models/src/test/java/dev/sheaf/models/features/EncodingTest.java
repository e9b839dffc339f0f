package dev.sheaf.models.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncodingTest {
  private static final double NAN = Double.NaN;
  private static final double LARGE = 9007199254740991.0;

  private static TableSchema schema(Feature... features) {
    return new TableSchema(List.of(features), "Y");
  }

  private static Feature feature(String name, FeatureType type) {
    return new Feature(name, type);
  }

  private static List<String> names(Encoding encoding) {
    return encoding.columns().stream().map(EncodedColumn::name).toList();
  }

  private static double[] column(double... values) {
    return values;
  }

  /** The columns in Java, after the graph was seen to give the same bits in batches of any size. */
  private static double[][] encode(Encoding encoding, RowBlock rows) {
    double[][] expected = encoding.encode(rows);
    assertEquals(encoding.columns().size(), expected.length);
    byte[] onnx = GraphColumns.onnx(encoding.schema(), expected.length, encoding::write);
    for (int batch : new int[] {1, 7, 4096}) {
      double[][] actual = GraphColumns.run(onnx, encoding.schema(), rows, batch);
      for (int c = 0; c < expected.length; c++) {
        assertArrayEquals(
            Arrays.stream(expected[c]).mapToLong(Double::doubleToLongBits).toArray(),
            Arrays.stream(actual[c]).mapToLong(Double::doubleToLongBits).toArray(),
            encoding.columns().get(c) + " in batches of " + batch);
      }
    }
    return expected;
  }

  private static List<String> operators(byte[] onnx) throws InvalidProtocolBufferException {
    List<String> operators =
        ModelProto.parseFrom(onnx).getGraph().getNodeList().stream()
            .map(NodeProto::getOpType)
            .toList();
    // The last three belong to the classes that the test makes of the columns.
    return operators.subList(0, operators.size() - 3);
  }

  private static final TableSchema STATES = schema(feature("STATE", FeatureType.TEXT_CATEGORY));

  @Test
  void textBecomesCodesInSortedOrderByTheBlocksOwnDictionary() {
    RowBlock train = GraphColumns.column(STATES, List.of("TX", "CA", "NY", "CA"));
    Encoding encoding = Encoding.ordinal(STATES, train);
    assertEquals(List.of(new EncodedColumn("STATE", "STATE", 3)), encoding.columns());
    assertArrayEquals(column(2, 0, 1, 0), encode(encoding, train)[0]);
    RowBlock other =
        GraphColumns.column(STATES, Arrays.asList("WA", "NY", "TX", "", null, "ca", "CA "));
    assertArrayEquals(column(NAN, 1, 2, NAN, NAN, NAN, NAN), encode(encoding, other)[0]);
  }

  @Test
  void textBecomesIndicatorsOfAllButTheFirst() {
    RowBlock train = GraphColumns.column(STATES, List.of("TX", "CA", "NY", "CA"));
    Encoding encoding = Encoding.dense(STATES, train);
    assertEquals(List.of("STATE=NY", "STATE=TX"), names(encoding));
    assertEquals(
        List.of(new IndicatorGroup("STATE", "STATE", List.of("CA", "NY", "TX"), 0)),
        encoding.groups());
    RowBlock rows = GraphColumns.column(STATES, Arrays.asList("CA", "WA", "TX", null, "NY", ""));
    double[][] columns = encode(encoding, rows);
    assertArrayEquals(column(0, NAN, 0, NAN, 1, NAN), columns[0]);
    assertArrayEquals(column(0, NAN, 1, NAN, 0, NAN), columns[1]);
  }

  @Test
  void textIsTheSameIfItsCodePointsAre() {
    // An e with an accent in one and in two code points, letters beyond 16 bits, spaces, a tab.
    List<Object> texts =
        List.of(
            "\u00e9",
            "e\u0301",
            "\ud83c\udf7a",
            "\u6771\u4eac",
            " a",
            "a ",
            "a",
            "A",
            "a\tb",
            "\ud83c",
            "?",
            "a\u0000b",
            "\u00df",
            "ss",
            "0",
            "00");
    RowBlock train = GraphColumns.column(STATES, texts);
    Encoding encoding = Encoding.ordinal(STATES, train);
    assertEquals(texts.size(), encoding.columns().get(0).categories());
    double[] codes = encode(encoding, train)[0];
    assertEquals(texts.size(), Arrays.stream(codes).distinct().count());
    RowBlock unseen =
        GraphColumns.column(STATES, List.of("E", "\u00e8", "\ud83c\udf7b", "a  ", "SS", "\u3000"));
    assertTrue(Arrays.stream(encode(encoding, unseen)[0]).allMatch(Double::isNaN));
  }

  @Test
  void emptyTextIsMissingInTrainingRowsToo() {
    RowBlock train = GraphColumns.column(STATES, List.of("", "B", "A", ""));
    assertArrayEquals(column(NAN, 1, 0, NAN), encode(Encoding.ordinal(STATES, train), train)[0]);
  }

  @Test
  void textsThatNoRowHasAreNoCategories() {
    RowBlock all = GraphColumns.column(STATES, List.of("A", "B", "C"));
    Encoding encoding = Encoding.dense(STATES, all.select(new int[] {0, 2}));
    assertEquals(List.of("STATE=C"), names(encoding));
    assertArrayEquals(column(0, NAN, 1), encode(encoding, all)[0]);
  }

  @Test
  void wholeNumbersAreCategoriesUpTo2To53() {
    TableSchema schema = schema(feature("ITEM", FeatureType.INTEGER_CATEGORY));
    RowBlock train = GraphColumns.column(schema, List.of(17, -5, LARGE, 0, LARGE - 1, 17));
    RowBlock rows =
        GraphColumns.column(
            schema, Arrays.asList(LARGE - 1, null, LARGE - 2, -0.0, LARGE, -5, 17, 18, 0.5));
    Encoding ordinal = Encoding.ordinal(schema, train);
    assertEquals(5, ordinal.columns().get(0).categories());
    assertArrayEquals(column(3, NAN, NAN, 1, 4, 0, 2, NAN, NAN), encode(ordinal, rows)[0]);
    Encoding dense = Encoding.dense(schema, train);
    assertEquals(
        List.of("ITEM=0", "ITEM=17", "ITEM=9007199254740990", "ITEM=9007199254740991"),
        names(dense));
    assertArrayEquals(column(1, NAN, NAN, 0, 0, 0, 0, NAN, NAN), encode(dense, rows)[2]);
  }

  @Test
  void oneCategoryHasAColumnAndNoneHasOneOfNaN() {
    TableSchema schema =
        schema(
            feature("STATE", FeatureType.TEXT_CATEGORY),
            feature("ITEM", FeatureType.INTEGER_CATEGORY));
    RowBlock rows = GraphColumns.rows(schema, List.of(List.of("A", 7), List.of("B", 8)));
    Encoding one = Encoding.dense(schema, rows.select(new int[] {0}));
    assertEquals(List.of("STATE=A", "ITEM=7"), names(one));
    assertArrayEquals(new double[][] {{1, NAN}, {1, NAN}}, encode(one, rows));
    assertEquals(0, one.groups().get(0).column(0));
    RowBlock missing = GraphColumns.rows(schema, List.of(Arrays.asList(null, null)));
    Encoding none = Encoding.dense(schema, missing);
    assertEquals(List.of("STATE", "ITEM"), names(none));
    RowBlock others =
        GraphColumns.rows(schema, List.of(List.of("A", 7), List.of("", 0), List.of("B", 8)));
    assertArrayEquals(new double[][] {{NAN, NAN, NAN}, {NAN, NAN, NAN}}, encode(none, others));
    assertArrayEquals(
        new double[][] {{NAN, NAN, NAN}, {NAN, NAN, NAN}},
        encode(Encoding.ordinal(schema, missing), others));
  }

  @Test
  void theMostFrequentCategoriesHaveIndicators() {
    int most = Encoding.MAXIMUM_CATEGORIES;
    List<Object> values = new ArrayList<>();
    // The later half twice; of those that occur once, the first ones in sorted order are kept.
    for (int i = 0; i < most + 10; i++) {
      values.add("C%03d".formatted(i));
      if (i >= (most + 10) / 2) {
        values.add("C%03d".formatted(i));
      }
    }
    RowBlock train = GraphColumns.column(STATES, values);
    Encoding encoding = Encoding.dense(STATES, train);
    assertEquals(most - 1, encoding.columns().size());
    List<String> kept = encoding.groups().get(0).categories();
    int once = (most + 10) / 2;
    assertEquals(
        IntStream.range(0, most + 10)
            .filter(i -> i < once - 10 || i >= once)
            .mapToObj("C%03d"::formatted)
            .toList(),
        kept);
    assertEquals(
        List.of(
            "feature STATE has 74 categories in the training rows; the 64 most frequent have a"
                + " column each, the others count as missing"),
        encoding.notes());
    encode(encoding, train);
    assertEquals(most + 10, Encoding.ordinal(STATES, train).columns().get(0).categories());
    assertEquals(List.of(), Encoding.ordinal(STATES, train).notes());
    List<Object> fewer = values.subList(0, most);
    assertEquals(List.of(), Encoding.dense(STATES, GraphColumns.column(STATES, fewer)).notes());
  }

  @Test
  void partsOfFixedDomainHaveIndicators() {
    TableSchema schema = schema(feature("DATE", FeatureType.DATE));
    double monday = LocalDate.of(2024, 1, 1).toEpochDay();
    List<Object> year = IntStream.range(0, 366).mapToObj(day -> (Object) (monday + day)).toList();
    Encoding encoding = Encoding.dense(schema, GraphColumns.column(schema, year));
    List<String> names = names(encoding);
    assertEquals(3 + 11 + 6, names.size());
    assertEquals("DATE.year", names.get(0));
    assertEquals("DATE.month=2", names.get(1));
    assertEquals("DATE.day_of_month", names.get(12));
    assertEquals("DATE.day_of_week=2", names.get(13));
    assertEquals("DATE.day_of_year", names.get(19));
    RowBlock rows = GraphColumns.column(schema, Arrays.asList(monday, monday + 60, null));
    double[][] columns = encode(encoding, rows);
    assertArrayEquals(column(2024, 2024, NAN), columns[0]);
    assertArrayEquals(column(0, 0, NAN), columns[1]);
    assertArrayEquals(column(0, 1, NAN), columns[2]);
    assertArrayEquals(column(1, 1, NAN), columns[12]);
    assertArrayEquals(column(0, 1, NAN), columns[names.indexOf("DATE.day_of_week=5")]);
    assertArrayEquals(column(1, 61, NAN), columns[19]);
    assertEquals(
        List.of("DATE.month", "DATE.day_of_week"),
        encoding.groups().stream().map(IndicatorGroup::name).toList());
  }

  @Test
  void aPartThatNoTrainingRowHadIsMissing() {
    TableSchema schema =
        schema(
            new Feature(
                "AT",
                FeatureType.DATE_TIME,
                List.of(CalendarPart.HOUR, CalendarPart.YEAR, CalendarPart.QUARTER)));
    double day = LocalDate.of(2023, 5, 1).toEpochDay() * 86400.0;
    RowBlock train = GraphColumns.column(schema, List.of(day, day + 5 * 3600));
    Encoding encoding = Encoding.dense(schema, train);
    assertEquals(23 + 1 + 3, encoding.columns().size());
    RowBlock rows =
        GraphColumns.column(
            schema, Arrays.asList(day + 5 * 3600 + 1, day + 86400, day + 3600, day + 86400 * 90));
    double[][] columns = encode(encoding, rows);
    assertArrayEquals(column(1, 0, NAN, 0), columns[4]);
    assertArrayEquals(column(2023, 2023, 2023, 2023), columns[23]);
    assertArrayEquals(column(1, 1, 1, NAN), columns[24]);
    assertArrayEquals(column(0, 0, 0, NAN), columns[25]);
  }

  @Test
  void numbersAloneAreOneConcatOrNothing() throws InvalidProtocolBufferException {
    TableSchema schema =
        schema(
            feature("A", FeatureType.INTEGER),
            feature("B", FeatureType.FLOAT),
            feature("C", FeatureType.BOOLEAN));
    RowBlock rows =
        GraphColumns.rows(
            schema,
            List.of(
                List.of(1, -0.0, 1),
                Arrays.asList(null, 2.5, 0),
                Arrays.asList(4, Double.NEGATIVE_INFINITY, null)));
    for (Encoding encoding :
        List.of(Encoding.dense(schema, rows), Encoding.ordinal(schema, rows))) {
      assertEquals(List.of("A", "B", "C"), names(encoding));
      double[][] columns = encode(encoding, rows);
      assertSame(rows.column(1), columns[1]);
      assertEquals(List.of("Concat"), operators(GraphColumns.onnx(schema, 3, encoding::write)));
    }
    TableSchema single = schema(feature("A", FeatureType.FLOAT));
    RowBlock one = GraphColumns.column(single, List.of(1, 2));
    assertEquals(
        List.of(), operators(GraphColumns.onnx(single, 1, Encoding.dense(single, one)::write)));
  }

  private static final TableSchema EVERYTHING =
      schema(
          feature("I", FeatureType.INTEGER),
          feature("T", FeatureType.TEXT_CATEGORY),
          feature("F", FeatureType.FLOAT),
          feature("D", FeatureType.DATE),
          feature("B", FeatureType.BOOLEAN),
          feature("N", FeatureType.INTEGER_CATEGORY),
          new Feature("S", FeatureType.DATE_TIME, List.of(CalendarPart.values())),
          feature("E", FeatureType.DATE));

  private static RowBlock everything(int rows, long seed) {
    Random random = new Random(seed);
    List<List<Object>> values = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      List<Object> row = new ArrayList<>();
      row.add(random.nextInt(100));
      row.add("t\u00e4g " + random.nextInt(5));
      row.add(random.nextGaussian());
      row.add(random.nextInt(40_000) - 20_000);
      row.add(random.nextInt(2));
      row.add(random.nextInt(6) * 1_000_000_007L);
      row.add((random.nextDouble() - 0.5) * 1e10);
      row.add(random.nextInt(3));
      for (int f = 0; f < row.size(); f++) {
        if (random.nextInt(10) == 0) {
          row.set(f, null);
        }
      }
      values.add(row);
    }
    return GraphColumns.rows(EVERYTHING, values);
  }

  @Test
  void everyTypeTogetherIsTheSameInTheGraph() {
    RowBlock train = everything(60, 1);
    RowBlock rows = everything(5000, 2);
    for (Encoding encoding :
        List.of(Encoding.dense(EVERYTHING, train), Encoding.ordinal(EVERYTHING, train))) {
      encode(encoding, rows);
      encode(encoding, train);
    }
  }

  @Test
  void piecesAreTheColumnsOfTheWhole() {
    RowBlock train = everything(60, 1);
    RowBlock rows = everything(500, 2);
    Encoding encoding = Encoding.dense(EVERYTHING, train);
    double[][] columns = encoding.encode(rows);
    int[] numbers = encoding.in(graph(EVERYTHING)).numberColumns();
    double[][] written = run(encoding, rows, numbers.length, inputs -> inputs.numbers());
    for (int c = 0; c < numbers.length; c++) {
      assertArrayEquals(columns[numbers[c]], written[c]);
    }
    for (IndicatorGroup group : encoding.groups()) {
      int categories = group.categories().size();
      double[] values = IntStream.range(0, categories).mapToDouble(code -> 10 + code).toArray();
      double[] mapped = run(encoding, rows, 1, inputs -> inputs.mapped(group, values, -3))[0];
      for (int i = 0; i < mapped.length; i++) {
        double expected = 10;
        for (int code = 0; code < categories; code++) {
          if (group.column(code) >= 0) {
            expected += code * columns[group.column(code)][i];
          }
        }
        assertEquals(Double.isNaN(expected) ? -3 : expected, mapped[i], group.name());
      }
    }
  }

  private static OnnxGraph graph(TableSchema schema) {
    return OnnxGraph.of(
        new ModelMetadata("1", "Y", schema.features(), "none", Map.of(), 1, "none"));
  }

  private static double[][] run(
      Encoding encoding, RowBlock rows, int width, Function<EncodedInputs, String> writer) {
    byte[] onnx =
        GraphColumns.onnx(encoding.schema(), width, graph -> writer.apply(encoding.in(graph)));
    return GraphColumns.run(onnx, encoding.schema(), rows, 64);
  }

  @Test
  void severalPiecesShareTheCalendar() throws InvalidProtocolBufferException {
    TableSchema schema =
        schema(feature("DATE", FeatureType.DATE), feature("STATE", FeatureType.TEXT_CATEGORY));
    List<List<Object>> values = new ArrayList<>();
    for (int day = 0; day < 366; day++) {
      values.add(List.of(day, "S" + day % 3));
    }
    RowBlock rows = GraphColumns.rows(schema, values);
    Encoding encoding = Encoding.dense(schema, rows);
    byte[] onnx =
        GraphColumns.onnx(
            schema,
            4,
            graph -> {
              EncodedInputs inputs = encoding.in(graph);
              List<String> pieces = new ArrayList<>();
              for (IndicatorGroup group : encoding.groups()) {
                double[] codes =
                    IntStream.range(0, group.categories().size()).mapToDouble(c -> c).toArray();
                pieces.add(inputs.mapped(group, codes, -1));
              }
              pieces.add(inputs.numbers());
              return graph.node("Concat", pieces.subList(0, 3), "x");
            });
    assertEquals(1, Collections.frequency(operators(onnx), "Mul"));
    assertEquals(3, Collections.frequency(operators(onnx), "LabelEncoder"));
  }

  @Test
  void graphsStaySmall() throws InvalidProtocolBufferException {
    TableSchema schema = schema(feature("X", FeatureType.FLOAT), feature("D", FeatureType.DATE));
    List<List<Object>> year = new ArrayList<>();
    for (int day = 0; day < 366; day++) {
      year.add(List.of(1, day));
    }
    RowBlock rows = GraphColumns.rows(schema, year);
    Encoding ordinal = Encoding.ordinal(schema, rows);
    assertEquals(13, operators(GraphColumns.onnx(schema, 6, ordinal::write)).size());
    Encoding dense = Encoding.dense(schema, rows);
    int columns = dense.columns().size();
    assertEquals(17, operators(GraphColumns.onnx(schema, columns, dense::write)).size());
    Encoding text = Encoding.dense(STATES, GraphColumns.column(STATES, List.of("A", "B", "C")));
    assertEquals(
        List.of("LabelEncoder", "Equal", "Mul", "Where").stream().sorted().toList(),
        operators(GraphColumns.onnx(STATES, 2, text::write)).stream().sorted().toList());
  }

  @Test
  void anEncodingSurvivesSerialization() throws IOException, ClassNotFoundException {
    RowBlock train = everything(60, 1);
    RowBlock rows = everything(300, 2);
    Encoding encoding = Encoding.dense(EVERYTHING, train);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(encoding);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Encoding copy = (Encoding) in.readObject();
      assertEquals(encoding.columns(), copy.columns());
      assertArrayEquals(encoding.encode(rows), copy.encode(rows));
    }
  }

  @Test
  void theOrderOfTrainingRowsDoesNotMatter() {
    RowBlock train = everything(200, 1);
    int[] reversed = IntStream.range(0, 200).map(i -> 199 - i).toArray();
    Encoding one = Encoding.dense(EVERYTHING, train);
    Encoding other = Encoding.dense(EVERYTHING, train.select(reversed).compact());
    assertEquals(one.columns(), other.columns());
    int width = one.columns().size();
    assertArrayEquals(
        GraphColumns.onnx(EVERYTHING, width, one::write),
        GraphColumns.onnx(EVERYTHING, width, other::write));
  }

  @Test
  void refusesWhatDoesNotFit() {
    RowBlock train = GraphColumns.column(STATES, List.of("A", "B"));
    TableSchema other = schema(feature("A", FeatureType.FLOAT), feature("B", FeatureType.FLOAT));
    assertEquals(
        "cannot encode rows of 1 features by a schema of 2: [A, B]",
        assertThrows(IllegalArgumentException.class, () -> Encoding.dense(other, train))
            .getMessage());
    Encoding encoding = Encoding.dense(STATES, train);
    assertEquals(
        "cannot write columns made of [STATE] into a graph with the inputs [A, B]",
        assertThrows(IllegalArgumentException.class, () -> encoding.write(graph(other)))
            .getMessage());
    EncodedInputs inputs = encoding.in(graph(STATES));
    assertEquals(
        "cannot write the columns that are not indicators: all of 1 are",
        assertThrows(IllegalStateException.class, inputs::numbers).getMessage());
    IndicatorGroup group = encoding.groups().get(0);
    assertEquals(
        "cannot map the categories of %s to 3 numbers: the groups are [%s]".formatted(group, group),
        assertThrows(IllegalArgumentException.class, () -> inputs.mapped(group, new double[3], 0))
            .getMessage());
  }
}
