package dev.sheaf.models.features;

import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The numeric columns that a trainer sees of a table, fitted to training rows: made in Java by
 * {@link #encode} and inside a model's graph by {@link #write}, with the same bits.
 *
 * <p>Numbers and booleans stay as they are. The parts of dates are computed, exactly for the years
 * 1 to 9999. What becomes of categories is the choice between {@link #ordinal} and {@link #dense}.
 *
 * <p>One rule holds for what is missing: it is NaN in every column made of it. NaN, empty text and
 * a category that was not among the training rows are missing, all alike. Text is the same if its
 * code points are.
 *
 * <pre>{@code
 * Encoding encoding = Encoding.dense(table.schema(), table.rows());
 * double[][] columns = encoding.encode(table.rows());
 * ...
 * OnnxGraph graph = OnnxGraph.of(metadata);
 * String matrix = encoding.write(graph); // double[N, columns().size()]
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Encoding implements Serializable {
  /** How many categories of a feature have indicator columns, at most. */
  public static final int MAXIMUM_CATEGORIES = 64;

  private static final long serialVersionUID = 1;

  private final TableSchema schema;

  /** Per feature and, of calendar features, part: what is known of its categories. */
  private final List<Source> sources;

  private final List<Column> layout;
  private final List<EncodedColumn> columns;
  private final List<IndicatorGroup> groups;
  private final List<String> notes;

  /**
   * Something that a column is made of: a feature, or a part of one.
   *
   * @param feature the feature's number
   * @param part the part's number, or 0
   * @param vocabulary the categories; null if it is a number
   */
  record Source(int feature, int part, @Nullable Vocabulary vocabulary) implements Serializable {}

  /**
   * How a column is made.
   *
   * @param source the number of its source
   * @param indicates the source's value where the column is 1; NaN if it is the source itself
   */
  record Column(int source, double indicates) implements Serializable {
    boolean indicator() {
      return !Double.isNaN(indicates);
    }
  }

  private Encoding(TableSchema schema, List<Source> sources, Layout layout, List<String> notes) {
    this.schema = schema;
    this.sources = List.copyOf(sources);
    this.layout = List.copyOf(layout.layout);
    this.columns = List.copyOf(layout.columns);
    this.groups = List.copyOf(layout.groups);
    this.notes = List.copyOf(notes);
  }

  /**
   * One column per feature or part, for trees: categories as codes from 0 on in sorted order,
   * however many there are.
   *
   * @param rows the training rows
   */
  public static Encoding ordinal(TableSchema schema, RowBlock rows) {
    check(schema, rows);
    List<Source> sources = new ArrayList<>();
    Layout layout = new Layout();
    for (int f = 0; f < schema.features().size(); f++) {
      Feature feature = schema.features().get(f);
      if (feature.type().isCalendar()) {
        for (int p = 0; p < feature.parts().size(); p++) {
          layout.number(sources.size(), name(feature, p), feature);
          sources.add(new Source(f, p, null));
        }
      } else {
        Vocabulary vocabulary = vocabulary(feature, rows, f, Integer.MAX_VALUE);
        layout.codes(sources.size(), feature, vocabulary);
        sources.add(new Source(f, 0, vocabulary));
      }
    }
    return new Encoding(schema, sources, layout, List.of());
  }

  /**
   * Columns without codes, for models that multiply: a category becomes indicator columns, one for
   * each category but the first in sorted order. So do DAY_OF_WEEK, MONTH, QUARTER and HOUR, with
   * columns for all their values.
   *
   * <p>Of more than {@value #MAXIMUM_CATEGORIES} categories, the most frequent in the training rows
   * are kept, among equals those that come first in sorted order; the others count as missing, and
   * {@link #notes} says so.
   *
   * @param rows the training rows
   */
  public static Encoding dense(TableSchema schema, RowBlock rows) {
    check(schema, rows);
    List<Source> sources = new ArrayList<>();
    Layout layout = new Layout();
    List<String> notes = new ArrayList<>();
    for (int f = 0; f < schema.features().size(); f++) {
      Feature feature = schema.features().get(f);
      double[][] parts =
          feature.type().isCalendar() ? parts(feature, rows.column(f)) : new double[1][];
      for (int p = 0; p < parts.length; p++) {
        Vocabulary vocabulary =
            feature.type().isCalendar()
                ? vocabulary(feature, p, parts[p])
                : vocabulary(feature, rows, f, MAXIMUM_CATEGORIES);
        if (vocabulary == null) {
          layout.number(sources.size(), name(feature, p), feature);
        } else {
          layout.indicators(sources.size(), name(feature, p), feature, vocabulary);
        }
        sources.add(new Source(f, p, vocabulary));
        note(feature, vocabulary, rows, f, notes);
      }
    }
    return new Encoding(schema, sources, layout, notes);
  }

  private static void check(TableSchema schema, RowBlock rows) {
    if (schema.features().size() != rows.features()) {
      throw new IllegalArgumentException(
          "cannot encode rows of "
              + rows.features()
              + " features by a schema of "
              + schema.features().size()
              + ": "
              + schema.featureNames());
    }
  }

  private static String name(Feature feature, int part) {
    return feature.type().isCalendar()
        ? feature.name() + "." + feature.parts().get(part).text()
        : feature.name();
  }

  private static @Nullable Vocabulary vocabulary(Feature feature, RowBlock rows, int f, int limit) {
    return switch (feature.type()) {
      case TEXT_CATEGORY -> Vocabulary.ofTexts(rows, f, limit);
      case INTEGER_CATEGORY -> Vocabulary.ofNumbers(rows.column(f), limit);
      default -> null;
    };
  }

  private static @Nullable Vocabulary vocabulary(Feature feature, int part, double[] values) {
    CalendarPart calendarPart = feature.parts().get(part);
    int domain = Calendar.domain(calendarPart, feature.type());
    return domain == 0 ? null : Vocabulary.ofPart(values, calendarPart, domain);
  }

  private static void note(
      Feature feature, @Nullable Vocabulary vocabulary, RowBlock rows, int f, List<String> notes) {
    if (!feature.type().isCategory()
        || vocabulary == null
        || vocabulary.categories().size() < MAXIMUM_CATEGORIES) {
      return;
    }
    Vocabulary all = vocabulary(feature, rows, f, Integer.MAX_VALUE);
    int found = all == null ? 0 : all.categories().size();
    if (found > MAXIMUM_CATEGORIES) {
      notes.add(
          "feature %s has %d categories in the training rows; the %d most frequent have a column each, the others count as missing"
              .formatted(feature.name(), found, MAXIMUM_CATEGORIES));
    }
  }

  static double[][] parts(Feature feature, double[] column) {
    return Calendar.parts(new ColumnArithmetic(), new double[][] {column}, feature);
  }

  /** The columns, in order; at least one. */
  public List<EncodedColumn> columns() {
    return columns;
  }

  /** The groups of indicator columns, in order; none of an ordinal encoding. */
  public List<IndicatorGroup> groups() {
    return groups;
  }

  /** What a reader of the results should know, such as categories without a column. */
  public List<String> notes() {
    return notes;
  }

  /** The features that the columns are made of. */
  public TableSchema schema() {
    return schema;
  }

  /**
   * The columns' values, each an array of one number per row; NaN is missing. A column that is a
   * feature as it is, is the block's own array, so nobody may write to any.
   *
   * @param rows any rows with the schema, with dictionaries of their own
   */
  public double[][] encode(RowBlock rows) {
    check(schema, rows);
    double[][] values = new double[sources.size()][];
    double[][] parts = {};
    for (int s = 0; s < values.length; s++) {
      Source source = sources.get(s);
      Feature feature = schema.features().get(source.feature());
      double[] column = rows.column(source.feature());
      if (feature.type().isCalendar()) {
        parts = source.part() == 0 ? parts(feature, column) : parts;
        column = parts[source.part()];
      }
      Vocabulary vocabulary = source.vocabulary();
      values[s] = vocabulary == null ? column : vocabulary.values(rows, source.feature(), column);
    }
    double[][] encoded = new double[layout.size()][];
    for (int c = 0; c < encoded.length; c++) {
      Column column = layout.get(c);
      double[] from = values[column.source()];
      encoded[c] = column.indicator() ? indicator(from, column.indicates()) : from;
    }
    return encoded;
  }

  private static double[] indicator(double[] values, double indicates) {
    double[] indicator = new double[values.length];
    for (int i = 0; i < indicator.length; i++) {
      indicator[i] = Double.isNaN(values[i]) ? Double.NaN : values[i] == indicates ? 1 : 0;
    }
    return indicator;
  }

  /**
   * Writes all columns into a graph whose inputs are the schema's features; returns the name of a
   * value {@code double[N, columns]}. At most once per graph; for a part of the columns, or
   * categories mapped straight to numbers, see {@link #in}.
   */
  public String write(OnnxGraph graph) {
    return in(graph).all();
  }

  /** The columns inside a graph whose inputs are the schema's features; at most once per graph. */
  public EncodedInputs in(OnnxGraph graph) {
    return new EncodedInputs(this, graph);
  }

  List<Source> sources() {
    return sources;
  }

  List<Column> layout() {
    return layout;
  }

  /** The columns as they are collected, source after source. */
  private static final class Layout {
    final List<Column> layout = new ArrayList<>();
    final List<EncodedColumn> columns = new ArrayList<>();
    final List<IndicatorGroup> groups = new ArrayList<>();

    void number(int source, String name, Feature feature) {
      add(new Column(source, Double.NaN), name, feature, 0);
    }

    void codes(int source, Feature feature, @Nullable Vocabulary vocabulary) {
      int categories = vocabulary == null ? 0 : vocabulary.categories().size();
      add(new Column(source, Double.NaN), feature.name(), feature, categories);
    }

    void indicators(int source, String name, Feature feature, Vocabulary vocabulary) {
      List<String> categories = vocabulary.categories();
      groups.add(new IndicatorGroup(name, feature.name(), categories, columns.size()));
      int reference = categories.size() < 2 ? -1 : 0;
      for (int code = reference + 1; code < Math.max(1, categories.size()); code++) {
        String indicated = categories.isEmpty() ? name : name + "=" + categories.get(code);
        add(new Column(source, vocabulary.origin() + code), indicated, feature, 0);
      }
    }

    private void add(Column column, String name, Feature feature, int categories) {
      layout.add(column);
      columns.add(new EncodedColumn(name, feature.name(), categories));
    }
  }
}
