package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.values.Row;

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
   * The model for a row; empty if there is none.
   *
   * @throws BadRowException if the key is NULL, or if the key or a group asked for is not valid
   *     Unicode text
   */
  Optional<ModelRef> choose(Row row, Models models) throws BadRowException {
    String text = key.key(row);
    if (text == null) {
      throw new BadRowException("the key " + key.name() + " is NULL");
    }
    Optional<ModelRef> found = models.find(ModelScope.key(text));
    for (int g = 0; found.isEmpty() && g < groups.size(); g++) {
      String value = groups.get(g).key(row);
      String column = models.groupColumn(groups.get(g).name());
      if (value != null && column != null) {
        found = models.find(ModelScope.group(column, value));
      }
    }
    return found.isPresent() ? found : models.find(ModelScope.global());
  }
}
