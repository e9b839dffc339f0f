package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.jspecify.annotations.Nullable;

/** The options of {@link Train}. */
public interface TrainOptions extends WarehouseOptions, SourceOptions, TrainingOptions {
  @Description("Table that the run ledger is appended to")
  @Default.String("TRAINING_RUNS")
  String getLedgerTable();

  void setLedgerTable(String table);

  @Description("Table for the rows held out with their predictions; not written unless set")
  @Nullable String getHeldOutTable();

  void setHeldOutTable(@Nullable String table);

  @Description("Table for the training curves; not written unless set")
  @Nullable String getCurvesTable();

  void setCurvesTable(@Nullable String table);

  @Description("Table for what each model makes of each feature; not written unless set")
  @Nullable String getImportanceTable();

  void setImportanceTable(@Nullable String table);

  @Description("Version to publish the models as; made from the time unless set")
  @Nullable String getModelVersion();

  void setModelVersion(@Nullable String version);

  @Description(
      "Name of the run in the ledger and among the store's runs; made from the time unless set. A"
          + " run of the same name again trains only the keys that failed or changed")
  @Nullable String getRunId();

  void setRunId(@Nullable String runId);
}
