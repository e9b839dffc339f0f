package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** The options of {@link Train}. */
public interface TrainOptions extends WarehouseOptions, SourceOptions {
  @Description("Column to predict")
  @Validation.Required
  String getLabel();

  void setLabel(String column);

  @Description(
      "Columns to predict from, separated by commas; every numeric column but the key and the label"
          + " unless set")
  @Nullable List<String> getFeatures();

  void setFeatures(@Nullable List<String> columns);

  @Description(
      "Algorithm and its parameters: linear, linear:ridge=0.1, xgboost, xgboost:rounds=50,max_depth=4")
  @Default.String("linear")
  String getTrainer();

  void setTrainer(String trainer);

  @Description(
      "Rows kept out of training to judge each model by: none, fraction:F, last:COLUMN:F,"
          + " where:COLUMN OP VALUE")
  @Default.String("fraction:0.2")
  String getHoldout();

  void setHoldout(String holdout);

  @Description("Training rows below which a key gets no model; 0 for what the trainer needs")
  @Default.Integer(0)
  int getMinimumRows();

  void setMinimumRows(int rows);

  @Description("When a new model serves: always, better (than the champion on its holdout), never")
  @Default.Enum("BETTER")
  Promotion getPromote();

  void setPromote(Promotion promotion);

  @Description("Table that the run ledger is appended to")
  @Default.String("TRAINING_RUNS")
  String getLedgerTable();

  void setLedgerTable(String table);

  @Description("Version to publish the models as; made from the time unless set")
  @Nullable String getModelVersion();

  void setModelVersion(@Nullable String version);

  @Description("Name of the run in the ledger; made from the time unless set")
  @Nullable String getRunId();

  void setRunId(@Nullable String runId);

  /** When a newly trained model begins to serve. */
  enum Promotion {
    ALWAYS,
    BETTER,
    NEVER
  }
}
