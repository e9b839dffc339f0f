package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The model of the trainer that won, with the scores of all. */
record Chosen(Trainer winner, FittedModel model, Map<String, Double> scores, List<String> why)
    implements FittedModel {
  @Override
  public double[] predict(RowBlock rows) throws TrainingException {
    return model.predict(rows);
  }

  @Override
  public List<String> classes() {
    return model.classes();
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) throws TrainingException {
    return model.toOnnx(metadata);
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>(why);
    notes.addAll(model.notes());
    return notes;
  }

  @Override
  public List<CurvePoint> curve() {
    return model.curve();
  }

  @Override
  public List<FeatureImportance> importance() {
    return model.importance();
  }

  @Override
  public Trainer trainer(Trainer asked) {
    return winner;
  }

  @Override
  public void close() {
    model.close();
  }
}
