package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/**
 * Made-up rows to score, in memory: keys, and features in columns; never the same twice.
 *
 * @param keys the key of each row
 * @param columns the features, each with a value per row
 */
// The arrays are the point: the plain loops read them; nothing compares two of these.
@SuppressWarnings("ArrayRecordComponent")
record ScoringRows(int[] keys, double[][] columns) {
  /** Draws rows from a seed. */
  static ScoringRows make(int rows, int features, KeyDraw draw, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] keys = new int[rows];
    double[][] columns = new double[features][rows];
    for (int i = 0; i < rows; i++) {
      keys[i] = draw.next(random);
      for (double[] column : columns) {
        column[i] = random.nextDouble() * 100;
      }
    }
    return new ScoringRows(keys, columns);
  }

  static Schema schema(int features) {
    Schema.Builder schema = Schema.builder().addStringField("K");
    IntStream.range(0, features).forEach(f -> schema.addDoubleField("F" + f));
    return schema.build();
  }

  /** The same as elements of any type: each row's features. */
  List<double[]> elements() {
    List<double[]> elements = new ArrayList<>(keys.length);
    for (int i = 0; i < keys.length; i++) {
      double[] element = new double[columns.length];
      for (int f = 0; f < columns.length; f++) {
        element[f] = columns[f][i];
      }
      elements.add(element);
    }
    return elements;
  }

  /** The same as Beam rows of {@link #schema}. */
  List<Row> rows(Schema schema) {
    List<Row> rows = new ArrayList<>(keys.length);
    for (int i = 0; i < keys.length; i++) {
      List<Object> values = new ArrayList<>(columns.length + 1);
      values.add(Integer.toString(keys[i]));
      for (double[] column : columns) {
        values.add(column[i]);
      }
      rows.add(Row.withSchema(schema).attachValues(values));
    }
    return rows;
  }
}
