package dev.sheaf.models.trees;

import java.io.IOException;
import java.util.List;

/**
 * Reads models that LightGBM saved as text ({@code save_model}, versions 2 to 4) or dumped as JSON
 * ({@code dump_model}).
 *
 * <p>All trees of the file count: LightGBM saves those up to the best iteration by itself. A dump
 * has the digits that LightGBM printed, which are fewer in old versions, and old dumps do not name
 * the objective: their predictions are margins.
 *
 * <pre>{@code
 * TreeEnsemble trees = LightgbmReader.trees(Files.readAllBytes(Path.of("model.txt")));
 * }</pre>
 */
public final class LightgbmReader {
  private static final String TREE = "Tree";

  private final TreeNodes nodes = new TreeNodes();
  private String objective = "";
  private String names = "";
  private int perIteration = 1;
  private int features;
  private boolean averages;
  private int trees;

  private LightgbmReader() {}

  /**
   * Reads a model.
   *
   * @param model text or JSON
   * @throws UnreadableModelException if the bytes are no such model, or hold something that cannot
   *     be converted
   */
  public static TreeEnsemble trees(byte[] model) {
    try {
      if (model.length > 0 && model[0] == '{') {
        return new LightgbmDump().read(model);
      }
      return new LightgbmReader().read(new TextLines(model));
    } catch (NumberFormatException e) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: not a number: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UnreadableModelException("cannot read a LightGBM model: " + e.getMessage(), e);
    }
  }

  private TreeEnsemble read(TextLines lines) {
    if (!lines.advance() || !lines.key().strip().equals("tree")) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: it must begin with the line 'tree', or be JSON");
    }
    boolean more = lines.advance();
    while (more && !lines.key().equals(TREE) && !isEnd(lines)) {
      header(lines);
      more = lines.advance();
    }
    while (more && !isEnd(lines)) {
      LightgbmTree tree = new LightgbmTree();
      more = lines.advance();
      while (more && !lines.key().equals(TREE) && !isEnd(lines)) {
        if (!lines.isBlank()) {
          tree.line(lines);
        }
        more = lines.advance();
      }
      tree.append(nodes, trees++ % perIteration);
    }
    if (!more) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: it ends before the line 'end of trees' or 'feature"
              + " importances:'");
    }
    return ensemble(
        objective,
        perIteration,
        features,
        names.isBlank() ? List.of() : List.of(names.strip().split(" ", -1)),
        averages,
        nodes);
  }

  /** Old versions go on with the importances at once. */
  private static boolean isEnd(TextLines lines) {
    String line = lines.key().strip();
    return line.equals("end of trees") || line.equals("feature importances:");
  }

  private void header(TextLines line) {
    switch (line.key()) {
      case "objective" -> objective = line.value();
      case "num_tree_per_iteration" -> perIteration = Integer.parseInt(line.value().strip());
      case "max_feature_idx" -> features = Integer.parseInt(line.value().strip()) + 1;
      case "feature_names" -> names = line.value();
      case "average_output" -> averages = true;
      default -> {}
    }
    if (perIteration < 1) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model with num_tree_per_iteration=" + perIteration);
    }
  }

  static TreeEnsemble ensemble(
      String objective,
      int perIteration,
      int features,
      List<String> names,
      boolean averages,
      TreeNodes nodes) {
    LightgbmObjective meaning = LightgbmObjective.parse(objective);
    BoosterHead head =
        new BoosterHead(
            "lightgbm",
            objective.strip(),
            meaning.link(),
            meaning.slope(),
            meaning.outcome(),
            perIteration,
            features,
            names);
    nodes.checkFeatures(features);
    int iterations = Math.max(1, nodes.trees() / perIteration);
    return new TreeEnsemble(
        head,
        SplitRule.AT_MOST_IN_DOUBLE,
        new double[perIteration],
        averages ? iterations : 1,
        nodes);
  }
}
