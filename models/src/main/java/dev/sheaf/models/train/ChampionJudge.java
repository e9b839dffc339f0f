package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Judges the model that serves a key today by the rows that the new one is judged by. */
final class ChampionJudge {
  private final KeyTrainer options;
  private final String key;
  private final KeyHistory history;
  private final Consumer<String> notes;

  /**
   * @param notes takes the reason where a champion cannot be judged
   */
  ChampionJudge(KeyTrainer options, String key, KeyHistory history, Consumer<String> notes) {
    this.options = options;
    this.key = key;
    this.history = history;
    this.notes = notes;
  }

  /** The losses with the champion's. */
  Losses judged(Losses losses, RowBlock holdout) {
    if (holdout.rows() == 0) {
      return losses;
    }
    Optional<Champion> champion;
    try {
      champion = history.champion(key);
    } catch (DamagedChampionException e) {
      return unjudged(losses, e);
    }
    if (champion.isEmpty()) {
      return losses;
    }
    try {
      return losses.withChampion(loss(champion.get(), holdout), champion.get().version());
    } catch (RuntimeException e) {
      return unjudged(losses, e);
    }
  }

  private Losses unjudged(Losses losses, RuntimeException cause) {
    notes.accept("the champion cannot be judged: " + TrainingException.messageOf(cause));
    return losses;
  }

  private @Nullable Double loss(Champion champion, RowBlock holdout) {
    Task task = options.trainer().task();
    List<Feature> features = options.schema().features();
    try (ModelSession session = ModelSession.open(champion.onnx(), ExecutionProvider.cpu())) {
      int[] columns = session.features().stream().mapToInt(features::indexOf).toArray();
      boolean fits = Arrays.stream(columns).allMatch(column -> column >= 0);
      if (!fits || task.isClassification() == session.classes().isEmpty()) {
        notes.accept(
            "the champion, version "
                + champion.version()
                + ", cannot be judged on these rows: it takes "
                + session.features().stream().map(Feature::name).toList());
        return null;
      }
      double[] predicted =
          session.predict(InputColumns.of(session.features(), holdout.project(columns)));
      return Judgement.loss(task, new HeldOut(0, holdout, session.classes(), predicted));
    }
  }

  /** The losses of an earlier attempt, without that of a champion which serves the key no more. */
  Losses stillTrue(Losses before) {
    String version = before.championVersion();
    if (version == null) {
      return before;
    }
    String today = history.champion(key).map(Champion::version).orElse("");
    return today.equals(version) ? before : before.withChampion(null, null);
  }
}
