package dev.sheaf.models.train;

import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Several trainers, of which each key gets the one that does best on its rows.
 *
 * <p>A part of the training rows is kept for the choice, by the holdout's own rule: the last ones
 * where the holdout goes by a column's order. Every trainer is fitted to the rest and judged on
 * that part by the task's loss; the winner (of equals the first) is fitted once more, to all
 * training rows. The rows held out take no part in the choice, so that what is measured on them is
 * what the choice is worth. All scores are in the report. A trainer that fails, or that has too few
 * rows, drops out, with a note; where the part for the choice is empty the first trainer is taken.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE").withTrainer(BestOf.of(Linear.regression(), Lightgbm.regression()))
 * }</pre>
 */
public final class BestOf implements Trainer {
  private static final long serialVersionUID = 1L;

  /** The name of the trainer. */
  public static final String NAME = "best-of";

  private static final double USUAL_FRACTION = 0.2;

  private final List<Trainer> trainers;
  private final double fraction;

  private BestOf(List<Trainer> trainers, double fraction) {
    this.trainers = List.copyOf(trainers);
    this.fraction = fraction;
  }

  /** At least two trainers for one task. */
  public static BestOf of(Trainer... trainers) {
    return of(List.of(trainers));
  }

  /** At least two trainers for one task. */
  public static BestOf of(List<Trainer> trainers) {
    if (trainers.size() < 2) {
      throw new IllegalArgumentException(
          "cannot choose among " + trainers + ": at least two trainers are needed");
    }
    Task task = trainers.get(0).task();
    for (Trainer trainer : trainers) {
      if (!trainer.task().equals(task)) {
        throw new IllegalArgumentException(
            "cannot choose between %s for %s and %s for %s: all must be for one task"
                .formatted(trainers.get(0), task, trainer, trainer.task()));
      }
    }
    List<String> texts = trainers.stream().map(Trainer::toString).distinct().toList();
    if (texts.size() < trainers.size()) {
      throw new IllegalArgumentException(
          "cannot choose among " + trainers + ": each must be there once");
    }
    return new BestOf(trainers, USUAL_FRACTION);
  }

  /** The part of the training rows that the choice is made on; above 0 and below 1, usually 0.2. */
  public BestOf withFraction(double part) {
    if (!(part > 0 && part < 1)) {
      throw new IllegalArgumentException(
          "cannot choose on a fraction of " + part + ": it must be above 0 and below 1");
    }
    return new BestOf(trainers, part);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return trainers.stream()
        .map(trainer -> trainer.name() + " " + trainer.version())
        .collect(Collectors.joining(", ", "1: ", ""));
  }

  @Override
  public Map<String, String> parameters() {
    Map<String, String> parameters = new TreeMap<>();
    for (int i = 0; i < trainers.size(); i++) {
      Trainer trainer = trainers.get(i);
      // Sorted: the order of an unmodifiable map is another one in every JVM.
      parameters.put("trainer" + (i + 1), trainer.name() + new TreeMap<>(trainer.parameters()));
    }
    parameters.put("fraction", Double.toString(fraction));
    return parameters;
  }

  @Override
  public Task task() {
    return trainers.get(0).task();
  }

  @Override
  public int minimumRows(TableSchema schema) {
    return trainers.stream().mapToInt(trainer -> trainer.minimumRows(schema)).min().orElseThrow();
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    List<String> notes = new ArrayList<>();
    Map<String, Double> scores = new LinkedHashMap<>();
    TrainingTable.Parts parts = table.split(fraction);
    if (parts.evaluation().rows() == 0) {
      notes.add("no rows are left to choose on");
    } else {
      for (Trainer trainer : trainers) {
        Double score = score(trainer, parts, notes);
        if (score != null) {
          scores.put(trainer.toString(), score);
        }
      }
    }
    List<Trainer> ranked =
        trainers.stream()
            .sorted(
                Comparator.comparingDouble(
                    trainer -> scores.getOrDefault(trainer.toString(), Double.POSITIVE_INFINITY)))
            .toList();
    for (Trainer trainer : ranked) {
      if (table.rows().rows() < trainer.minimumRows(table.schema())) {
        continue;
      }
      try {
        return new Chosen(trainer, trainer.fit(table), scores, notes);
      } catch (TrainingException | RuntimeException e) {
        stopIfInterrupted();
        notes.add(failure(trainer, e));
      }
    }
    throw new TrainingException("no trainer succeeded: " + String.join("; ", notes), null);
  }

  private @Nullable Double score(Trainer trainer, TrainingTable.Parts parts, List<String> notes)
      throws TrainingException {
    RowBlock evaluation = parts.evaluation();
    TrainingTable rest = parts.train();
    int least = trainer.minimumRows(rest.schema());
    if (rest.rows().rows() < least) {
      notes.add(trainer + " needs " + least + " rows, " + rest.rows().rows() + " are there");
      return null;
    }
    try (FittedModel model = trainer.fit(rest)) {
      HeldOut judged = new HeldOut(0, evaluation, model.classes(), model.predict(evaluation));
      Double loss = Judgement.loss(task(), judged);
      if (loss == null || !(Math.abs(loss) <= Double.MAX_VALUE)) {
        notes.add(trainer + " has the loss " + loss);
        return null;
      }
      return loss;
    } catch (TrainingException | RuntimeException e) {
      stopIfInterrupted();
      notes.add(failure(trainer, e));
      return null;
    }
  }

  private static String failure(Trainer trainer, Exception e) {
    return trainer + " failed: " + (e instanceof TrainingException ? e.getMessage() : e);
  }

  private static void stopIfInterrupted() throws TrainingException {
    if (Thread.currentThread().isInterrupted()) {
      throw new TrainingException("interrupted while choosing among trainers", null);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BestOf that
        && trainers.equals(that.trainers)
        && fraction == that.fraction;
  }

  @Override
  public int hashCode() {
    return 31 * trainers.hashCode() + Double.hashCode(fraction);
  }

  /** The text that gives this trainer, but for its fraction. */
  @Override
  public String toString() {
    return trainers.stream().map(Trainer::toString).collect(Collectors.joining("|"));
  }
}
