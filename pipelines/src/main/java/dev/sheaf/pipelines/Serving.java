package dev.sheaf.pipelines;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.rows.RowColumn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What serves when a pipeline is built, and stays so to its end.
 *
 * @param selection for the workers
 * @param models the same, read
 * @param properties what the version's publisher had to say
 */
public record Serving(
    ModelSelection selection, ResolvedModels models, Map<String, String> properties) {
  /** The property of a version that says what its models are for. */
  static final String TASK = "sheaf.task";

  /** The value of {@link #TASK} for models that give a class and its probability. */
  static final String CLASSIFICATION = "classification";

  /** The property of a classifier's own metadata that lists its classes. */
  private static final String CLASSES = "classes";

  /**
   * Reads what serves.
   *
   * @param version to use instead of what the alias serves
   * @throws dev.sheaf.models.store.StoreException if there is no such version or alias
   */
  public static Serving of(ModelStore store, String alias, @Nullable String version) {
    Optional<Alias> said =
        version != null ? Optional.of(Alias.to(VersionId.ofText(version))) : store.alias(alias);
    ModelSelection selection = said.map(store::pinned).orElseGet(() -> store.aliased(alias));
    ResolvedModels models = selection.resolve();
    return new Serving(
        selection,
        models,
        said.map(found -> store.version(found.version()).manifest().properties()).orElse(Map.of()));
  }

  /**
   * Whether the models give classes: as the version says or, where it says nothing, as one of the
   * models does.
   */
  public boolean classifies() {
    String task = properties.get(TASK);
    return task != null
        ? task.equals(CLASSIFICATION)
        : models.keys().stream()
            .min(Comparator.naturalOrder())
            .flatMap(models::find)
            .map(model -> ModelMetadata.read(models.load(model)).containsKey(CLASSES))
            .orElse(false);
  }

  /**
   * The columns to fall back by, as the rows spell them.
   *
   * @throws IllegalArgumentException if there is no such column, or no model is for a group by it
   */
  public List<String> groups(@Nullable List<String> asked, Schema schema) {
    SortedSet<String> trained = ModelScope.groupColumns(models.keys());
    List<String> columns = new ArrayList<>();
    for (String name : asked == null ? List.<String>of() : asked) {
      String column = RowColumn.findKey(schema, name.strip(), "--fallback").name();
      if (trained.stream().noneMatch(column::equalsIgnoreCase)) {
        throw new OptionException(
            String.format(
                "--fallback: no model is for a group by \"%s\"; %s",
                column,
                trained.isEmpty()
                    ? "there are no models of groups"
                    : "there are models of groups by " + String.join(", ", trained)));
      }
      if (!columns.contains(column)) {
        columns.add(column);
      }
    }
    return columns;
  }
}
