package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.util.List;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Whose model scores a row: its key's, the first of its groups that has one, or the global one. */
final class ModelChoice implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowColumn key;
  private final List<RowColumn> groups;

  /** Rows keyed by a column that fall back to groups by these columns, in their order. */
  ModelChoice(RowColumn key, List<RowColumn> groups) {
    this.key = key;
    this.groups = List.copyOf(groups);
  }

  /**
   * The text of a row's key.
   *
   * @throws BadRowException if it is NULL or not valid Unicode text
   */
  String keyOf(@Nullable Object[] row) throws BadRowException {
    String text = key.keyOf(row[key.index()]);
    if (text == null) {
      throw new BadRowException("the key " + key.name() + " is NULL");
    }
    return text;
  }

  /**
   * The model for a row whose key has none of its own; null if there is none.
   *
   * @throws BadRowException if a group asked for is not valid Unicode text
   */
  @Nullable ChosenModel fallback(Row row, Generation models) throws BadRowException {
    for (RowColumn group : groups) {
      String value = group.key(row);
      String column = models.groupColumn(group.name());
      if (value != null && column != null) {
        ChosenModel found = models.find(ModelScope.group(column, value).storeKey());
        if (found != null) {
          return found;
        }
      }
    }
    return models.find(ModelScope.global().storeKey());
  }
}
