package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.Map;

/**
 * Linear regression with an intercept: ordinary least squares, or ridge.
 *
 * <p>A missing value counts as its column's mean over the training rows. A column that is constant
 * or has no value at all gets the coefficient 0; among collinear columns the solution of least norm
 * over the standardised columns is taken, so that predictions stay well defined. Such columns are
 * named in the report.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Linear.regression().withRidge(0.1))
 * }</pre>
 */
public final class Linear implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "linear";

  private static final String RIDGE = "ridge";

  private final double ridge;

  private Linear(double ridge) {
    this.ridge = ridge;
  }

  /** Ordinary least squares. */
  public static Linear regression() {
    return new Linear(0);
  }

  /**
   * Adds {@code lambda * n * |b|²} to the sum of squared errors, with {@code b} the coefficients of
   * the standardised columns (centred, of variance 1) and {@code n} the number of training rows:
   * the strength needed depends neither on the columns' units nor on the number of rows. The
   * intercept is not penalised.
   *
   * @param lambda 0 (ordinary least squares, the default) or more
   */
  public Linear withRidge(double lambda) {
    if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "cannot set ridge to " + lambda + ": it must be a finite number, 0 or more");
    }
    return new Linear(lambda);
  }

  /**
   * Reads the parameters of a command line.
   *
   * @param parameters {@code ridge}, or none
   */
  public static Linear parse(Map<String, String> parameters) {
    Linear linear = regression();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      if (!parameter.getKey().equals(RIDGE)) {
        throw new IllegalArgumentException(
            "cannot set parameter '" + parameter.getKey() + "' of linear: known is " + RIDGE);
      }
      try {
        linear = linear.withRidge(Double.parseDouble(parameter.getValue()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "cannot set ridge to '" + parameter.getValue() + "': it must be a number, 0 or more",
            e);
      }
    }
    return linear;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public Map<String, String> parameters() {
    return Map.of(RIDGE, Double.toString(ridge));
  }

  /** One row more than there are coefficients and intercept, so that the fit says something. */
  @Override
  public int minimumRows(TableSchema schema) {
    return schema.features().size() + 2;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    Moments moments = Moments.of(table.rows());
    check(table.schema(), moments);
    return new LeastSquares(moments, ridge).solve(table.schema(), table.rows());
  }

  /**
   * Fits a model to rows of which only the moments are left. Where columns are nearly collinear
   * this is less accurate than {@link #fit(TrainingTable)}, which then goes back to the rows.
   */
  public FittedModel fit(TableSchema schema, Moments moments) throws TrainingException {
    check(schema, moments);
    return new LeastSquares(moments, ridge).solve(schema, null);
  }

  private static void check(TableSchema schema, Moments moments) throws TrainingException {
    if (schema.features().size() != moments.features()) {
      throw new IllegalArgumentException(
          "cannot fit moments of "
              + moments.features()
              + " features to a schema of "
              + schema.features().size());
    }
    if (moments.rows() == 0) {
      throw new TrainingException("there are no rows to train on", null);
    }
    for (int j = 0; j <= moments.features(); j++) {
      if (!(Math.abs(moments.mean(j)) <= Double.MAX_VALUE)) {
        throw new TrainingException(
            (j < moments.features() ? "feature " + schema.featureNames().get(j) : "the label")
                + " has infinite values, or values too large to add up",
            null);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Linear that && ridge == that.ridge;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(ridge);
  }

  /** The text that gives this trainer. */
  @Override
  public String toString() {
    return ridge == 0 ? NAME : NAME + ":" + RIDGE + "=" + ridge;
  }
}
