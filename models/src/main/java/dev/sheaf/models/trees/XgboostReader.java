package dev.sheaf.models.trees;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads boosters that XGBoost saved as JSON or UBJSON (XGBoost documentation, "Introduction to
 * Model IO"), of versions 1 to 3.
 *
 * <p>Where the booster was stopped early (attribute {@code best_iteration}), only the trees up to
 * its best iteration are kept, unless all are asked for.
 *
 * <pre>{@code
 * TreeEnsemble trees = XgboostReader.trees(booster.toByteArray("ubj"));
 * }</pre>
 */
public final class XgboostReader {
  /** Which trees of a booster count. */
  public enum Iterations {
    /** Those up to the best iteration, if the booster knows one. */
    BEST,
    /** All. */
    ALL
  }

  private final List<String> featureNames = new ArrayList<>();
  private final List<XgboostTree> trees = new ArrayList<>();
  private int[] treeOutputs = {};
  private int[] iterations = {};
  private float[] weights = {};
  private float[] linearWeights = {};
  private String booster = "";
  private String objective = "";
  private String baseScore = "";
  private int bestIteration = -1;
  private int parallelTrees = 1;
  private int classes;
  private int targets = 1;
  private int features;
  private boolean found;

  private XgboostReader() {}

  /**
   * Reads a booster.
   *
   * @param model JSON or UBJSON
   * @throws UnreadableModelException if the bytes are no such model, or hold something that cannot
   *     be converted
   */
  public static Booster read(byte[] model, Iterations iterations) {
    XgboostReader reader = new XgboostReader();
    try {
      Document document = open(model);
      document.object(name -> reader.top(name, document));
      if (!reader.found) {
        throw new UnreadableModelException(
            "cannot read an XGBoost model: there is no \"learner\" in it; needed is what"
                + " save_model writes, not a dump");
      }
      return reader.booster(iterations);
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new UnreadableModelException("cannot read an XGBoost model: " + e.getMessage(), e);
    } catch (NumberFormatException e) {
      throw new UnreadableModelException(
          "cannot read an XGBoost model: not a number: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the trees of a booster up to its best iteration.
   *
   * @throws UnreadableModelException as {@link #read} does, and if the booster is linear
   */
  public static TreeEnsemble trees(byte[] model) {
    if (read(model, Iterations.BEST) instanceof TreeEnsemble trees) {
      return trees;
    }
    throw new UnreadableModelException("cannot read trees: the booster is linear (gblinear)");
  }

  private static Document open(byte[] model) throws IOException {
    if (model.length < 2 || model[0] != '{') {
      throw new UnreadableModelException(
          "cannot read an XGBoost model: it must be JSON or UBJSON and begin with '{'");
    }
    boolean json = model[1] == '"' || model[1] <= ' ';
    return json ? new JsonDocument(model) : new UbjDocument(model);
  }

  private void top(String name, Document document) throws IOException {
    if (name.equals("learner")) {
      found = true;
      document.object(field -> learner(field, document));
    } else {
      document.skip();
    }
  }

  private void learner(String name, Document document) throws IOException {
    switch (name) {
      case "attributes" -> document.object(attribute -> attribute(attribute, document));
      case "feature_names" -> document.array(() -> featureNames.add(document.text()));
      case "gradient_booster" -> document.object(field -> booster(field, document));
      case "learner_model_param" -> document.object(field -> parameter(field, document));
      case "objective" ->
          document.object(
              field -> {
                if (field.equals("name")) {
                  objective = document.text();
                } else {
                  document.skip();
                }
              });
      default -> document.skip();
    }
  }

  private void attribute(String name, Document document) throws IOException {
    String value = document.text();
    if (name.equals("best_iteration")) {
      bestIteration = Integer.parseInt(value);
    }
  }

  private void parameter(String name, Document document) throws IOException {
    String value = document.text();
    switch (name) {
      case "base_score" -> baseScore = value;
      case "num_class" -> classes = Integer.parseInt(value);
      case "num_target" -> targets = Integer.parseInt(value);
      case "num_feature" -> features = Integer.parseInt(value);
      default -> {}
    }
  }

  /** Dart keeps a {@code gbtree} within itself; since 3.1 only the weights tell it. */
  private void booster(String name, Document document) throws IOException {
    switch (name) {
      case "name" -> booster = document.text();
      case "weight_drop" -> weights = document.floats();
      case "gbtree" -> document.object(field -> inner(field, document));
      case "model" -> document.object(field -> model(field, document));
      default -> document.skip();
    }
  }

  private void inner(String name, Document document) throws IOException {
    if (name.equals("model")) {
      document.object(field -> model(field, document));
    } else {
      document.skip();
    }
  }

  private void model(String name, Document document) throws IOException {
    switch (name) {
      case "trees" -> document.array(() -> trees.add(XgboostTree.read(document)));
      case "tree_info" -> treeOutputs = document.integers();
      case "iteration_indptr" -> iterations = document.integers();
      case "weight_drop" -> weights = document.floats();
      case "weights" -> linearWeights = document.floats();
      case "gbtree_model_param" ->
          document.object(
              field -> {
                String value = document.text();
                if (field.equals("num_parallel_tree")) {
                  parallelTrees = Math.max(1, Integer.parseInt(value));
                }
              });
      default -> document.skip();
    }
  }

  private Booster booster(Iterations wanted) throws IOException {
    XgboostObjective meaning = XgboostObjective.of(objective);
    int outputs = Math.max(1, Math.max(classes, targets));
    BoosterHead head =
        new BoosterHead(
            "xgboost",
            objective,
            meaning.link(),
            1,
            meaning.outcome(),
            outputs,
            Math.max(1, features),
            featureNames);
    float[] base = baseMargins(meaning, outputs);
    if (booster.equals("gblinear")) {
      return new LinearBooster(head, linearWeights, base);
    }
    if (!booster.equals("gbtree") && !booster.equals("dart")) {
      throw new UnreadableModelException(
          "cannot convert XGBoost's booster '" + booster + "': known are gbtree, dart, gblinear");
    }
    double[] margins = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      margins[k] = base[k];
    }
    return new TreeEnsemble(
        head, SplitRule.BELOW_IN_FLOAT, margins, 1, nodes(treesThatCount(wanted, outputs), head));
  }

  private int treesThatCount(Iterations wanted, int outputs) {
    if (wanted == Iterations.ALL || bestIteration < 0) {
      return trees.size();
    }
    long end =
        bestIteration + 1 < iterations.length
            ? iterations[bestIteration + 1]
            : (bestIteration + 1L) * parallelTrees * outputs;
    return (int) Math.min(end, trees.size());
  }

  private TreeNodes nodes(int count, BoosterHead head) throws IOException {
    if (treeOutputs.length != trees.size() || (weights.length != 0 && weights.length < count)) {
      throw new IOException(
          trees.size()
              + " trees, but tree_info has "
              + treeOutputs.length
              + " and weight_drop "
              + weights.length);
    }
    TreeNodes nodes = new TreeNodes();
    for (int t = 0; t < count; t++) {
      if (treeOutputs[t] < 0 || treeOutputs[t] >= head.outputs()) {
        throw new IOException("tree " + t + " is of the class " + treeOutputs[t]);
      }
      trees.get(t).append(nodes, weights.length == 0 ? 1 : weights[t], treeOutputs[t]);
    }
    nodes.checkFeatures(head.features());
    return nodes;
  }

  /** A number as text; since XGBoost 3.1 an array as text, one number per output. */
  private float[] baseMargins(XgboostObjective meaning, int outputs) throws IOException {
    String list =
        baseScore.startsWith("[") ? baseScore.substring(1, baseScore.length() - 1) : baseScore;
    String[] numbers = list.split(",", -1);
    if (numbers.length != 1 && numbers.length != outputs) {
      throw new IOException("base_score '" + baseScore + "' for " + outputs + " outputs");
    }
    float[] margins = new float[outputs];
    for (int k = 0; k < outputs; k++) {
      margins[k] = meaning.margin(Float.parseFloat(numbers[numbers.length == 1 ? 0 : k].strip()));
    }
    return margins;
  }
}
