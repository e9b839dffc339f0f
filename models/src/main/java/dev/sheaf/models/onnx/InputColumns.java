package dev.sheaf.models.onnx;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.List;

/**
 * The raw values of some rows as a model takes them: for each feature an array of numbers (NaN for
 * a missing value) or of texts ({@code ""} for a missing one).
 *
 * <p>The arrays are there to be filled in.
 */
public final class InputColumns {
  private final double[][] numbers;
  private final String[][] texts;
  private final int rows;

  private InputColumns(double[][] numbers, String[][] texts, int rows) {
    this.numbers = numbers;
    this.texts = texts;
    this.rows = rows;
  }

  /** Columns in which every value is missing. */
  public static InputColumns of(List<Feature> features, int rows) {
    double[][] numbers = new double[features.size()][0];
    String[][] texts = new String[features.size()][0];
    for (int f = 0; f < features.size(); f++) {
      if (features.get(f).type().isText()) {
        texts[f] = new String[rows];
        Arrays.fill(texts[f], "");
      } else {
        numbers[f] = new double[rows];
        Arrays.fill(numbers[f], Double.NaN);
      }
    }
    return new InputColumns(numbers, texts, rows);
  }

  /** Columns of numbers alone; the arrays themselves, not copies. */
  public static InputColumns ofNumbers(double[][] columns, int rows) {
    return new InputColumns(columns, new String[columns.length][0], rows);
  }

  /** The columns of a block; its numbers themselves, not copies. */
  public static InputColumns of(List<Feature> features, RowBlock block) {
    double[][] numbers = new double[features.size()][0];
    String[][] texts = new String[features.size()][0];
    for (int f = 0; f < features.size(); f++) {
      if (features.get(f).type().isText()) {
        texts[f] = texts(block.column(f), block.dictionary(f));
      } else {
        numbers[f] = block.column(f);
      }
    }
    return new InputColumns(numbers, texts, block.rows());
  }

  /** The same values with room for more or fewer rows; those that are added are missing. */
  public InputColumns resized(int newRows) {
    double[][] newNumbers = new double[numbers.length][0];
    String[][] newTexts = new String[texts.length][0];
    for (int f = 0; f < numbers.length; f++) {
      if (texts[f].length > 0) {
        newTexts[f] = Arrays.copyOf(texts[f], newRows);
        Arrays.fill(newTexts[f], Math.min(rows, newRows), newRows, "");
      } else {
        newNumbers[f] = Arrays.copyOf(numbers[f], newRows);
        Arrays.fill(newNumbers[f], Math.min(rows, newRows), newRows, Double.NaN);
      }
    }
    return new InputColumns(newNumbers, newTexts, newRows);
  }

  /** Copies the values of one row to another. */
  public void move(int from, int to) {
    for (int f = 0; f < numbers.length; f++) {
      if (texts[f].length > 0) {
        texts[f][to] = texts[f][from];
      } else {
        numbers[f][to] = numbers[f][from];
      }
    }
  }

  private static String[] texts(double[] codes, List<String> dictionary) {
    String[] texts = new String[codes.length];
    for (int i = 0; i < codes.length; i++) {
      texts[i] = Double.isNaN(codes[i]) ? "" : dictionary.get((int) codes[i]);
    }
    return texts;
  }

  /** The number of features. */
  public int features() {
    return numbers.length;
  }

  /** The number of rows there is room for. */
  public int rows() {
    return rows;
  }

  /** The numbers of a feature; empty if it is text. */
  public double[] numbers(int feature) {
    return numbers[feature];
  }

  /** The texts of a feature; empty if it is not text. */
  public String[] texts(int feature) {
    return texts[feature];
  }
}
