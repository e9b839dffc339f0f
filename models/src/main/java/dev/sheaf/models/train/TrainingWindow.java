package dev.sheaf.models.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.RowOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * From where to where the rows go that a model was trained on, by the column that the holdout goes
 * by.
 *
 * @param column the column's name, as the holdout spells it
 * @param first the smallest value, as {@link RowOrder#textOf} writes it
 * @param last the largest value
 */
record TrainingWindow(String column, String first, String last) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The window of rows.
   *
   * @param orders the rows' places as {@link RowOrder#orderOf} gives them
   * @return empty if all values are missing
   */
  static Optional<TrainingWindow> of(String column, ColumnKind kind, long[] orders) {
    long least = Long.MAX_VALUE;
    long most = Long.MIN_VALUE;
    for (long order : orders) {
      if (!RowOrder.isMissing(order, kind)) {
        least = Math.min(least, order);
        most = Math.max(most, order);
      }
    }
    return least > most
        ? Optional.empty()
        : Optional.of(
            new TrainingWindow(column, RowOrder.textOf(least, kind), RowOrder.textOf(most, kind)));
  }

  /** {@code {"column":"DAY","first":"2026-01-01","last":"2026-10-31"}}. */
  String json() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("column", column);
    fields.put("first", first);
    fields.put("last", last);
    try {
      return JSON.writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts can always be written", e);
    }
  }
}
