package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.runs.TrainingRun;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.RowLimit;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.rows.FeatureSpec;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TrainPerKey} was told; each setting is checked when it is given.
 *
 * <p>Immutable: {@link #with} changes a copy.
 */
final class Settings implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int DEFAULT_MAXIMUM_ROWS = 20_000_000;
  private static final int DEFAULT_KEY_GROUPS = 64;

  String key;
  @Nullable String label;
  @Nullable String weight;
  List<FeatureSpec> features = List.of();
  List<String> groups = List.of();
  boolean global;
  Trainer trainer = Linear.regression();
  @Nullable Trainer baseline;
  Holdout holdout = Holdout.none();
  int minimumRows;
  RowLimit limit = RowLimit.refuseAbove(DEFAULT_MAXIMUM_ROWS);
  long maximumBytes = Long.MAX_VALUE;
  @Nullable Duration timeLimit;
  boolean gathersRows;
  int keyGroups = DEFAULT_KEY_GROUPS;
  Set<ModelTable> tables = Set.of();
  @Nullable ModelStore champions;
  @Nullable RunStore runs;
  @Nullable String runId;
  Clock clock = Clock.systemUTC();

  Settings(String key) {
    checkName("on", key);
    this.key = key;
  }

  private Settings(Settings from) {
    key = from.key;
    label = from.label;
    weight = from.weight;
    features = from.features;
    groups = from.groups;
    global = from.global;
    trainer = from.trainer;
    baseline = from.baseline;
    holdout = from.holdout;
    minimumRows = from.minimumRows;
    limit = from.limit;
    maximumBytes = from.maximumBytes;
    timeLimit = from.timeLimit;
    gathersRows = from.gathersRows;
    keyGroups = from.keyGroups;
    tables = from.tables;
    champions = from.champions;
    runs = from.runs;
    runId = from.runId;
    clock = from.clock;
  }

  Settings with(Consumer<Settings> change) {
    Settings changed = new Settings(this);
    change.accept(changed);
    return changed;
  }

  static void checkName(String option, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(option + ": a name is needed, found blank text");
    }
  }

  static void checkPositive(String option, String unit, long number) {
    if (number < 1) {
      throw new IllegalArgumentException(
          option + ": at least 1 " + unit + " is needed, found " + number);
    }
  }

  String label() {
    if (label == null) {
      throw new IllegalArgumentException("TrainPerKey needs withLabel: the column to predict");
    }
    return label;
  }

  RowReader reader(Schema schema) {
    label();
    if (features.isEmpty()) {
      throw new IllegalArgumentException(
          "TrainPerKey needs withFeatures: the columns to predict from");
    }
    return new RowReader(schema, this);
  }

  KeyTrainer keyTrainer(RowReader reader) {
    TableSchema schema = reader.tableSchema();
    RowLimit rows =
        maximumBytes == Long.MAX_VALUE
            ? limit
            : limit.withBytes(maximumBytes, schema.features().size());
    KeyTrainer made =
        KeyTrainer.of(trainer, holdout, schema)
            .withMinimumRows(Math.max(1, minimumRows))
            .withRowLimit(rows);
    if (timeLimit != null) {
      made = made.withTimeLimit(timeLimit);
    }
    ColumnKind kind = reader.holdoutKind();
    if (kind != null) {
      made = made.withOrderKind(kind);
    }
    return baseline == null ? made : made.withBaseline(baseline);
  }

  /** Writes down that the run starts, where it is to be recorded. */
  @Nullable TrainingRun start(String id, KeyTrainer with) {
    if (runs == null) {
      return null;
    }
    if (runId == null) {
      throw new IllegalArgumentException(
          "recordedIn needs withRunId: a run is found again by its name");
    }
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("key", key);
    properties.put("label", label());
    properties.put("trainer", with.trainer().toString());
    properties.put("holdout", holdout.toString());
    return runs.start(id, Instant.now(clock), properties);
  }

  String runId() {
    return runId == null ? "run-" + Instant.now(clock) : runId;
  }
}
