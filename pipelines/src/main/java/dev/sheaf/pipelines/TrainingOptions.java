package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** How models are trained and which of them serve, whatever the rows come from. */
public interface TrainingOptions extends ModelStoreOptions {
  @Description("Column to predict")
  @Validation.Required
  String getLabel();

  void setLabel(String column);

  @Description(
      "Columns to predict from, separated by commas, each as COLUMN, COLUMN:category, COLUMN:number"
          + " or COLUMN:year+month+day_of_week; every number and boolean column that has no other"
          + " part to play unless set, so text, dates and times by request alone")
  @Nullable List<String> getFeatures();

  void setFeatures(@Nullable List<String> columns);

  @Description(
      "Algorithm and its parameters: linear, linear:ridge=0.1, xgboost:rounds=50,max_depth=4, ...;"
          + " of several, with | between them, each key keeps the one that is best for it")
  @Default.String("linear")
  String getTrainer();

  void setTrainer(String trainer);

  @Description("Naive trainer that every model is judged beside; the mean of the label unless set")
  @Nullable String getBaseline();

  void setBaseline(@Nullable String trainer);

  @Description(
      "Rows kept out of training to judge each model by: none, fraction:F, last:COLUMN:F,"
          + " rolling:COLUMN:FOLDS:F, where:COLUMN OP VALUE")
  @Default.String("fraction:0.2")
  String getHoldout();

  void setHoldout(String holdout);

  @Description("Column of weights, 0 or more, by which rows count; 1 for each row unless set")
  @Nullable String getWeight();

  void setWeight(@Nullable String column);

  @Description(
      "Columns, separated by commas, with one more model per value, for keys that have none")
  @Nullable List<String> getGroupModels();

  void setGroupModels(@Nullable List<String> columns);

  @Description("Trains one more model on all rows, for keys that have none")
  boolean isGlobalModel();

  void setGlobalModel(boolean wanted);

  @Description("Training rows below which a key gets no model; 0 for what the trainer needs")
  @Default.Integer(0)
  int getMinimumRows();

  void setMinimumRows(int rows);

  @Description("Rows above which a key is TOO_LARGE and gets no model; 20 million unless set")
  @Nullable Integer getMaximumRows();

  void setMaximumRows(@Nullable Integer rows);

  @Description(
      "Rows above which a key is trained on a sample of so many, instead of TOO_LARGE; linear"
          + " models from sums take all rows")
  @Nullable Integer getSampleRows();

  void setSampleRows(@Nullable Integer rows);

  @Description("Chooses the sample of --sampleRows; 0 unless set")
  @Nullable Long getSampleSeed();

  void setSampleSeed(@Nullable Long seed);

  @Description("The limit of --maximumRows or --sampleRows in bytes: 8 a feature, 32 more a row")
  @Nullable Long getMaximumBytes();

  void setMaximumBytes(@Nullable Long bytes);

  @Description("How long one key may train, such as PT10M; PT1H unless set")
  @Nullable String getTimeLimit();

  void setTimeLimit(@Nullable String duration);

  @Description("Groups that keys are spread over, and so the most workers; 64 unless set")
  @Nullable Integer getKeyGroups();

  void setKeyGroups(@Nullable Integer groups);

  @Description("Brings rows together where sums would do, so that linear models repeat to the byte")
  boolean isGatherRows();

  void setGatherRows(boolean wanted);

  @Description(
      "When a new model serves: ALWAYS, BETTER (than the model that serves its key, on the rows held"
          + " out), NEVER")
  @Default.Enum("BETTER")
  Promotion getPromote();

  void setPromote(Promotion promotion);

  @Description("Promotes no model that is worse than --baseline on the rows held out")
  boolean isBeatBaseline();

  void setBeatBaseline(boolean wanted);

  @Description("By what part --promote=BETTER lets a model be worse than what serves: 0.02 is 2 %")
  @Default.Double(0)
  double getPromoteTolerance();

  void setPromoteTolerance(double part);

  /** When a newly trained model begins to serve. */
  enum Promotion {
    ALWAYS,
    BETTER,
    NEVER
  }
}
