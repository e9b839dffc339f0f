package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.RowSums;
import dev.sheaf.models.train.SummingTrainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Linear regression with an intercept: ordinary least squares, or ridge.
 *
 * <p>Rows count by their weights. Categories, days of the week, months, quarters and hours have an
 * effect per value, all other features and parts of dates a coefficient. A missing value counts as
 * its column's mean over the training rows, a missing or unseen category as the mean of the effects
 * over them. Of more than {@value Encoding#MAXIMUM_CATEGORIES} categories of a feature the others
 * than the most frequent count as missing; more than {@value LinearSums#MAXIMUM_CATEGORIES} are
 * refused where rows are summed and not brought together.
 *
 * <p>A column that is constant or has no value at all gets the coefficient 0; among collinear
 * columns the solution of least norm over the standardised columns is taken, so that predictions
 * stay well defined. Such columns are named in the report.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Linear.regression().withRidge(0.1))
 * }</pre>
 */
public final class Linear implements SummingTrainer {
  private static final long serialVersionUID = 1;

  /** The name of the trainer. */
  public static final String NAME = "linear";

  private static final String RIDGE = "ridge";

  private final double ridge;

  /** The columns of the table seen last, which is nearly always the next one's, too. */
  private transient volatile @Nullable Columns columns;

  private Linear(double ridge) {
    this.ridge = ridge;
  }

  /** Ordinary least squares. */
  public static Linear regression() {
    return new Linear(0);
  }

  /**
   * Adds {@code lambda * n * |b|²} to the sum of squared errors, with {@code b} the coefficients of
   * the standardised columns (centred, of variance 1) and {@code n} the number of training rows, or
   * the sum of their weights: the strength needed depends neither on the columns' units nor on the
   * number of rows. The intercept is not penalised. Categories have an indicator column each, but
   * for the first in sorted order.
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
    return "2";
  }

  @Override
  public Map<String, String> parameters() {
    return Map.of(RIDGE, Double.toString(ridge));
  }

  /**
   * Two rows more than there are features, a part of a date counting as one, so that the fit says
   * something.
   */
  @Override
  public int minimumRows(TableSchema schema) {
    return columns(schema).numbers().size() + columns(schema).categories().size() + 2;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    Columns layout = columns(table.schema());
    EncodedRows rows = layout.encode(table.rows(), Encoding.MAXIMUM_CATEGORIES);
    Moments moments = Moments.of(rows);
    check(layout, moments);
    List<String> notes = new ArrayList<>();
    for (int c = 0; c < layout.categories().size(); c++) {
      note(layout.categories().get(c), rows.categories().get(c).found(), notes);
    }
    return new LeastSquares(layout, moments, ridge).solve(rows, notes);
  }

  @Override
  public RowSums noSums(TableSchema schema) {
    return LinearSums.none(columns(schema));
  }

  @Override
  public RowSums readSums(TableSchema schema, DataInput in) throws IOException {
    return LinearSumsFormat.read(columns(schema), in);
  }

  /**
   * Fits a model to rows of which only the sums are left. Where columns are nearly collinear this
   * is less accurate than {@link #fit(TrainingTable)}, which then goes back to the rows.
   *
   * @throws TrainingException also if there were more categories than are kept apart in sums
   */
  @Override
  public FittedModel fit(TableSchema schema, RowSums sums) throws TrainingException {
    if (!(sums instanceof LinearSums linear) || !linear.layout().schema().equals(schema)) {
      throw new IllegalArgumentException(
          "cannot fit a linear model to "
              + sums
              + ": sums by linear over the features "
              + schema.featureNames()
              + " are needed");
    }
    linear.check();
    check(linear.layout(), linear.moments());
    List<String> notes = new ArrayList<>();
    for (int c = 0; c < linear.layout().categories().size(); c++) {
      List<Category> found = linear.moments().flags().vocabularies().get(linear.layout().source(c));
      note(linear.layout().categories().get(c), Vocabularies.known(found), notes);
    }
    Moments moments = linear.moments().keeping(Encoding.MAXIMUM_CATEGORIES);
    return new LeastSquares(linear.layout(), moments, ridge).solve(null, notes);
  }

  private Columns columns(TableSchema schema) {
    Columns known = columns;
    if (known == null || !known.schema().equals(schema)) {
      known = Columns.of(schema);
      columns = known;
    }
    return known;
  }

  private static void note(Columns.Column column, int found, List<String> notes) {
    if (found > Encoding.MAXIMUM_CATEGORIES) {
      notes.add(
          "feature %s has %d categories in the training rows; the %d most frequent have an effect each, the others count as missing"
              .formatted(column.name(), found, Encoding.MAXIMUM_CATEGORIES));
    }
  }

  private static void check(Columns layout, Moments moments) throws TrainingException {
    if (moments.rows() == 0) {
      throw new TrainingException("there are no rows to train on", null);
    }
    if (!(moments.weight() > 0 && moments.weight() < Double.POSITIVE_INFINITY)) {
      throw new TrainingException(
          "the weights of the rows add up to "
              + moments.weight()
              + ": it must be a finite number above 0",
          null);
    }
    for (int j = 0; j < moments.columns(); j++) {
      if (!(Math.abs(moments.mean(j)) <= Double.MAX_VALUE)) {
        throw j < moments.label()
            ? infinite("feature " + layout.numbers().get(j).name())
            : new TrainingException(
                "the label has values that are not finite, or too large to add up", null);
      }
    }
    for (int c = 0; c < layout.categories().size(); c++) {
      for (Category category : moments.flags().vocabularies().get(layout.source(c))) {
        if (Double.isInfinite(category.number())) {
          throw infinite("feature " + layout.categories().get(c).name());
        }
      }
    }
  }

  private static TrainingException infinite(String column) {
    return new TrainingException(
        column + " has infinite values, or values too large to add up", null);
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
