package dev.sheaf.benchmarks;

import java.util.function.Consumer;
import org.apache.beam.sdk.values.Row;

/** Adds up one column of the rows that come out, and counts them. */
final class RowSum implements Consumer<Object> {
  private final String column;
  private int place = -1;
  private long rows;
  private double sum;
  private String expectedColumn = "";
  private String expectedValue = "";

  RowSum(String column) {
    this.column = column;
  }

  @Override
  public void accept(Object out) {
    if (!(out instanceof Row row)) {
      throw new IllegalStateException("a row was expected, not " + out);
    }
    if (place < 0) {
      place = row.getSchema().indexOf(column);
    }
    Double value = row.getValue(place);
    if (value == null) {
      throw new IllegalStateException("no " + column + " in " + row);
    }
    if (!expectedColumn.isEmpty()
        && !expectedValue.equals(String.valueOf(row.<Object>getValue(expectedColumn)))) {
      throw new IllegalStateException(
          "expected " + expectedColumn + " " + expectedValue + " in " + row);
    }
    sum += value;
    rows++;
  }

  /** From now on each row must have this text in a column. */
  void expect(String column, String value) {
    expectedColumn = column;
    expectedValue = value;
  }

  void reset() {
    rows = 0;
    sum = 0;
  }

  /** The sum of exactly so many rows. */
  double sum(long expected) {
    if (rows != expected) {
      throw new IllegalStateException("counted " + rows + " rows instead of " + expected);
    }
    return sum;
  }
}
