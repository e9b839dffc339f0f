package dev.sheaf.models.train.boosting;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.SingleClassModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Fits boosted trees by a library.
 *
 * <p>Categories are codes that the library treats as categories, NaN is missing. With early
 * stopping a part of the rows is kept from training, by {@link TrainingTable#split}, and the trees
 * up to the round that was best on it are the model; a table from which no row can be kept is
 * trained for all rounds, and a note says so. A classifier for rows of one class always says that
 * class.
 */
public final class Boosting {
  private final BoosterLibrary library;
  private final Map<String, String> parameters;
  private final Task task;

  /**
   * A way to fit.
   *
   * @param parameters those of {@link ParameterRules}
   */
  public Boosting(BoosterLibrary library, Map<String, String> parameters, Task task) {
    this.library = library;
    this.parameters = parameters;
    this.task = task;
  }

  /** Fits a model. */
  public FittedModel fit(TrainingTable table) throws TrainingException {
    if (task.isClassification() && table.rows().classes().isEmpty()) {
      throw new TrainingException("the labels are numbers: a classifier needs classes", null);
    }
    if (!task.isClassification() && !table.rows().classes().isEmpty()) {
      throw new TrainingException("the labels are classes: only a classifier can learn them", null);
    }
    if (!task.isClassification()) {
      return stopEarly(table);
    }
    // Only the classes that occur: of others a library learns nothing, or refuses them.
    TrainingTable compact =
        new TrainingTable(table.schema(), table.rows().compact(), table.holdout());
    List<String> classes = compact.rows().classes();
    return classes.size() == 1
        ? new SingleClassModel(table.schema(), classes.get(0))
        : stopEarly(compact);
  }

  private FittedModel stopEarly(TrainingTable table) throws TrainingException {
    List<String> classes = table.rows().classes();
    List<String> notes = new ArrayList<>();
    int patience = whole(ParameterRules.EARLY_STOPPING, 0);
    if (patience > 0) {
      TrainingTable.Parts parts = table.split(fraction());
      RowBlock rest = parts.train().rows();
      if (parts.evaluation().rows() == 0 || rest.rows() == 0) {
        notes.add("no early stopping: of %d rows none can be kept".formatted(table.rows().rows()));
      } else if (!rest.classes().equals(classes)) {
        notes.add("no early stopping: all rows of a class would be kept from training");
      } else {
        return fit(parts.train(), parts.evaluation(), classes, patience, notes);
      }
    }
    return fit(table, table.rows().select(new int[0]), classes, 0, notes);
  }

  private FittedModel fit(
      TrainingTable table,
      RowBlock evaluation,
      List<String> classes,
      int patience,
      List<String> notes)
      throws TrainingException {
    Encoding encoding = Encoding.ordinal(table.schema(), table.rows());
    NativeBooster booster =
        library.open(
            parameters,
            rows(encoding, table.rows(), classes),
            patience > 0 ? rows(encoding, evaluation, classes) : null,
            classes.size());
    try {
      Rounds rounds = new Rounds(booster, whole(ParameterRules.ROUNDS, 100), patience);
      rounds.run();
      if (patience > 0) {
        notes.add(rounds.note(evaluation.rows()));
      }
      notes.addAll(encoding.notes());
      return new BoostedModel(
          table.schema(), encoding, booster, rounds.iterations(), classes, rounds.curve(), notes);
    } catch (TrainingException | RuntimeException | Error e) {
      booster.close();
      throw e;
    }
  }

  private static BoosterRows rows(Encoding encoding, RowBlock rows, List<String> classes) {
    if (!rows.classes().equals(classes)) {
      throw new IllegalStateException("rows of " + rows.classes() + " instead of " + classes);
    }
    return new BoosterRows(
        encoding.columns(), encoding.encode(rows), rows.labels(), rows.weights());
  }

  private int whole(String name, int otherwise) {
    String text = parameters.get(name);
    return text == null ? otherwise : Integer.parseInt(text);
  }

  private double fraction() {
    return Double.parseDouble(
        parameters.getOrDefault(ParameterRules.EARLY_STOPPING_FRACTION, "0.2"));
  }
}
