package dev.sheaf.transforms.inference;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What models said of some rows: a number for each, or the probabilities of its classes. */
final class Answers {
  private final double[] values;
  private final List<String> classes;

  /**
   * Answers for at most as many rows.
   *
   * @param classes empty for numbers
   */
  Answers(int rows, List<String> classes) {
    this.classes = classes;
    this.values = new double[Math.multiplyExact(rows, Math.max(1, classes.size()))];
  }

  /** Where the model writes, row after row. */
  double[] values() {
    return values;
  }

  /** Moves the answer of one row to the place of one before it. */
  void move(int from, int to) {
    int size = Math.max(1, classes.size());
    System.arraycopy(values, from * size, values, to * size, size);
  }

  /** Writes what the columns of the prediction say of a row; returns the place behind them. */
  int write(@Nullable Object[] columns, int from, int row) throws BadRowException {
    if (classes.isEmpty()) {
      columns[from] = values[row];
      return from + 1;
    }
    int first = row * classes.size();
    int best = 0;
    for (int c = 0; c < classes.size(); c++) {
      if (Double.isNaN(values[first + c])) {
        throw new BadRowException("it gives the class \"" + classes.get(c) + "\" no probability");
      }
      if (values[first + c] > values[first + best]) {
        best = c;
      }
    }
    columns[from] = classes.get(best);
    columns[from + 1] = values[first + best];
    columns[from + 2] = json(first);
    return from + 3;
  }

  /** The probabilities as JSON, in the order of the classes. */
  private String json(int first) {
    StringBuilder json = new StringBuilder(32 * classes.size()).append('{');
    for (int c = 0; c < classes.size(); c++) {
      json.append(c == 0 ? "\"" : ",\"");
      JsonStringEncoder.getInstance().quoteAsString(classes.get(c), json);
      json.append("\":").append(values[first + c]);
    }
    return json.append('}').toString();
  }
}
