package dev.sheaf.models.train.boosting;

import dev.sheaf.models.features.EncodedColumn;
import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FeatureImportance;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.trees.Importance;
import dev.sheaf.models.trees.TreeEnsemble;
import dev.sheaf.models.trees.TreeGraph;
import dev.sheaf.models.trees.UnreadableModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Trees that a library boosted, on columns that Sheaf encoded. */
final class BoostedModel implements FittedModel {
  private final TableSchema schema;
  private final Encoding encoding;
  private final NativeBooster booster;
  private final int iterations;
  private final List<String> classes;
  private final List<CurvePoint> curve;
  private final List<String> notes;
  private @Nullable TreeEnsemble trees;

  /**
   * Takes the booster over, which is closed with the model.
   *
   * @param iterations how many rounds count; 0 is all
   */
  BoostedModel(
      TableSchema schema,
      Encoding encoding,
      NativeBooster booster,
      int iterations,
      List<String> classes,
      List<CurvePoint> curve,
      List<String> notes) {
    this.schema = schema;
    this.encoding = encoding;
    this.booster = booster;
    this.iterations = iterations;
    this.classes = List.copyOf(classes);
    this.curve = List.copyOf(curve);
    this.notes = List.copyOf(notes);
  }

  @Override
  public double[] predict(RowBlock rows) throws TrainingException {
    int n = rows.rows();
    if (n == 0) {
      return new double[0];
    }
    double[] predicted = booster.predict(encoding.encode(rows), n, iterations);
    if (classes.isEmpty() || predicted.length != n) {
      return predicted;
    }
    double[] both = new double[2 * n];
    for (int i = 0; i < n; i++) {
      both[2 * i] = 1 - predicted[i];
      both[2 * i + 1] = predicted[i];
    }
    return both;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) throws TrainingException {
    metadata.check(schema);
    if (!metadata.classes().equals(classes)) {
      throw new IllegalArgumentException(
          "cannot export a model of the classes "
              + classes
              + " with metadata of "
              + metadata.classes());
    }
    TreeEnsemble ensemble = trees();
    OnnxGraph graph = OnnxGraph.of(metadata);
    String margins = TreeGraph.margins(graph, encoding.write(graph), ensemble);
    if (classes.isEmpty()) {
      graph.node(
          "Identity",
          List.of(TreeGraph.predictions(graph, margins, ensemble)),
          ModelSession.OUTPUT);
    } else {
      graph.classify(TreeGraph.probabilities(graph, margins, ensemble));
    }
    return graph.toBytes();
  }

  TreeEnsemble trees() throws TrainingException {
    TreeEnsemble read = trees;
    if (read == null) {
      try {
        read = booster.trees(iterations);
      } catch (UnreadableModelException e) {
        throw new TrainingException(String.valueOf(e.getMessage()), e);
      }
      trees = read;
    }
    return read;
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public List<CurvePoint> curve() {
    return curve;
  }

  /** Of the columns that some tree splits on, in their order. */
  @Override
  public List<FeatureImportance> importance() {
    List<EncodedColumn> columns = encoding.columns();
    List<FeatureImportance> importance = new ArrayList<>();
    try {
      for (Importance of : trees().importance()) {
        String column = columns.get(of.feature()).name();
        importance.add(new FeatureImportance(column, "gain", of.gain()));
        importance.add(new FeatureImportance(column, "split", of.splits()));
      }
    } catch (TrainingException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    return importance;
  }

  @Override
  public void close() {
    booster.close();
  }
}
