package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import java.io.Serializable;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/** What a {@link TrainPerKey} was told; each setting is checked when it is given. */
record Settings(
    String key,
    @Nullable String label,
    List<String> features,
    Trainer trainer,
    Holdout holdout,
    int minimumRows,
    int maximumRows,
    @Nullable String runId,
    Clock clock)
    implements Serializable {
  private static final int TRAINERS_OWN_MINIMUM = 0;
  private static final int DEFAULT_MAXIMUM_ROWS = 20_000_000;

  Settings {
    checkName("on", key);
    features = List.copyOf(features);
  }

  static Settings on(String key) {
    return new Settings(
        key,
        null,
        List.of(),
        TrainPerKey.defaultTrainer(),
        Holdout.none(),
        TRAINERS_OWN_MINIMUM,
        DEFAULT_MAXIMUM_ROWS,
        null,
        Clock.systemUTC());
  }

  Settings withLabel(String column) {
    checkName("withLabel", column);
    return new Settings(
        key, column, features, trainer, holdout, minimumRows, maximumRows, runId, clock);
  }

  Settings withFeatures(List<String> columns) {
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("withFeatures: at least one column is needed, found none");
    }
    columns.forEach(column -> checkName("withFeatures", column));
    return new Settings(
        key, label, columns, trainer, holdout, minimumRows, maximumRows, runId, clock);
  }

  Settings withTrainer(Trainer newTrainer) {
    return new Settings(
        key, label, features, newTrainer, holdout, minimumRows, maximumRows, runId, clock);
  }

  Settings withHoldout(Holdout newHoldout) {
    return new Settings(
        key, label, features, trainer, newHoldout, minimumRows, maximumRows, runId, clock);
  }

  Settings withMinimumRows(int rows) {
    checkPositive("withMinimumRows", rows);
    return new Settings(key, label, features, trainer, holdout, rows, maximumRows, runId, clock);
  }

  Settings withMaximumRows(int rows) {
    checkPositive("withMaximumRows", rows);
    return new Settings(key, label, features, trainer, holdout, minimumRows, rows, runId, clock);
  }

  Settings withRunId(String newRunId) {
    checkName("withRunId", newRunId);
    return new Settings(
        key, label, features, trainer, holdout, minimumRows, maximumRows, newRunId, clock);
  }

  Settings withClock(Clock newClock) {
    return new Settings(
        key, label, features, trainer, holdout, minimumRows, maximumRows, runId, newClock);
  }

  private static void checkName(String option, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(option + ": a name is needed, found blank text");
    }
  }

  private static void checkPositive(String option, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(option + ": at least 1 row is needed, found " + rows);
    }
  }

  RowReader reader(Schema schema) {
    if (label == null) {
      throw new IllegalArgumentException("TrainPerKey needs withLabel: the column to predict");
    }
    if (features.isEmpty()) {
      throw new IllegalArgumentException(
          "TrainPerKey needs withFeatures: the columns to predict from");
    }
    return RowReader.of(schema, key, label, features, holdout);
  }

  KeyTrainer keyTrainer(TableSchema schema) {
    int minimum = minimumRows == TRAINERS_OWN_MINIMUM ? trainer.minimumRows(schema) : minimumRows;
    return KeyTrainer.of(trainer, holdout, schema)
        .withMinimumRows(minimum)
        .withMaximumRows(maximumRows);
  }

  Ledger ledger() {
    return new Ledger(runId == null ? "run-" + Instant.now(clock) : runId, clock);
  }
}
