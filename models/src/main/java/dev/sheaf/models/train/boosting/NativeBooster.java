package dev.sheaf.models.train.boosting;

import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.trees.TreeEnsemble;
import java.util.Map;

/** A booster in a library's memory; confined to one thread. */
public interface NativeBooster extends AutoCloseable {
  /** The rows that a metric is measured on. */
  enum Part {
    /** Those trained on. */
    TRAIN,
    /** Those kept for early stopping. */
    EVALUATION
  }

  /**
   * Adds the trees of one round, or none if there is nothing left to learn.
   *
   * @param round from 1
   */
  void update(int round) throws TrainingException;

  /** The number of rounds whose trees it holds; 0 where one tree says all. */
  int iterations() throws TrainingException;

  /**
   * Its metrics by the library's names, in the library's order.
   *
   * @param round the round just done
   */
  Map<String, Double> evaluate(Part part, int round) throws TrainingException;

  /** Whether more of a metric is better. */
  boolean rises(String metric);

  /**
   * The library's own predictions, row after row.
   *
   * @param columns the values, column after column
   * @param rows the number of rows
   * @param iterations how many rounds count; 0 is all
   */
  double[] predict(double[][] columns, int rows, int iterations) throws TrainingException;

  /**
   * Its trees.
   *
   * @param iterations how many rounds count; 0 is all
   */
  TreeEnsemble trees(int iterations) throws TrainingException;

  /** Frees the native memory. */
  @Override
  void close();
}
