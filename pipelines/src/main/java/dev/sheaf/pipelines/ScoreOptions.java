package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.jspecify.annotations.Nullable;

/** The options of {@link Score}. */
public interface ScoreOptions extends WarehouseOptions, SourceOptions, ProviderOptions {
  @Description("Alias of the models to score with")
  @Default.String("champion")
  String getAlias();

  void setAlias(String alias);

  @Description("Version to score with instead of what the alias serves")
  @Nullable String getModelVersion();

  void setModelVersion(@Nullable String version);

  @Description(
      "Columns of groups, separated by commas: a row whose key has no model is scored by that of its"
          + " group, in this order; the global model, if there is one, scores what is left")
  @Nullable List<String> getFallback();

  void setFallback(@Nullable List<String> columns);

  @Description(
      "Column whose value names the event: its text is carried as EVENT_ID, which the view of both"
          + " layers needs")
  @Nullable String getEventId();

  void setEventId(@Nullable String column);

  @Description("Table for the predictions, created if missing")
  @Default.String("PREDICTIONS")
  String getTargetTable();

  void setTargetTable(String table);

  @Description(
      "What to do with rows that the table holds: append, truncate, or empty (fail unless it is)")
  @Default.Enum("APPEND")
  TargetMode getTargetMode();

  void setTargetMode(TargetMode mode);

  /** What happens to rows that the target table holds already. */
  enum TargetMode {
    APPEND,
    TRUNCATE,
    EMPTY
  }
}
