package dev.sheaf.models.train.boosting;

import dev.sheaf.models.train.TrainingException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A library that boosts trees. */
public interface BoosterLibrary {
  /**
   * A booster without trees.
   *
   * @param parameters its parameters, those that Sheaf itself sets apart
   * @param train the rows to train on
   * @param evaluation the rows for early stopping, if there are any
   * @param classes the number of classes; 0 if labels are numbers
   */
  NativeBooster open(
      Map<String, String> parameters,
      BoosterRows train,
      @Nullable BoosterRows evaluation,
      int classes)
      throws TrainingException;
}
