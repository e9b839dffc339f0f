package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.SingleClassModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Logistic regression of two classes, or multinomial of more, with an intercept and a ridge
 * penalty.
 *
 * <p>Features become columns as {@link Encoding#dense} makes them. A missing number counts as its
 * column's mean over the training rows, a missing or unseen category as the mean of its indicator
 * columns. Rows count by their weights. Of rows of one class the model always says that class.
 *
 * <pre>{@code
 * TrainPerKey.on("DEVICE_ID").withTrainer(Logistic.classification().withRidge(0.01))
 * }</pre>
 */
public final class Logistic implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "logistic";

  private static final long serialVersionUID = 1;
  private static final String RIDGE = "ridge";
  private static final double USUAL_RIDGE = 1e-3;
  private static final int MAXIMUM_ROUNDS = 500;

  /** Where no component of the mean loss's gradient is larger, the minimum is reached. */
  private static final double SLOPE_REACHED = 1e-9;

  /** What rounding may leave of it where no step helps any more. */
  private static final double SLOPE_ROUNDED = 1e-6;

  private final double ridge;

  private Logistic(double ridge) {
    this.ridge = ridge;
  }

  /** Probabilities of all the classes in the training rows. */
  public static Logistic classification() {
    return new Logistic(USUAL_RIDGE);
  }

  /**
   * Adds {@code lambda * n * |b|² / 2} to the sum of the rows' log losses, with {@code b} the
   * coefficients of the standardised columns (centred, of variance 1) and {@code n} the number of
   * training rows, or the sum of their weights. The intercept is not penalised. In scikit-learn's
   * terms, {@code C = 1 / (lambda * n)}.
   *
   * @param lambda 0 or more, 0.001 unless set; with 0 the coefficients have no bound where columns
   *     tell the classes apart without error
   */
  public Logistic withRidge(double lambda) {
    if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "cannot set ridge to " + lambda + ": it must be a finite number, 0 or more");
    }
    return new Logistic(lambda);
  }

  /**
   * Reads the parameters of a command line.
   *
   * @param parameters {@code ridge}, or none
   */
  public static Logistic parse(Map<String, String> parameters) {
    Logistic logistic = classification();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      if (!parameter.getKey().equals(RIDGE)) {
        throw new IllegalArgumentException(
            "cannot set parameter '" + parameter.getKey() + "' of logistic: known is " + RIDGE);
      }
      try {
        logistic = logistic.withRidge(Double.parseDouble(parameter.getValue()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "cannot set ridge to '" + parameter.getValue() + "': it must be a number, 0 or more",
            e);
      }
    }
    return logistic;
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

  @Override
  public Task task() {
    return Task.classification();
  }

  /** Two rows more than there are features, so that the fit says something. */
  @Override
  public int minimumRows(TableSchema schema) {
    return schema.features().size() + 2;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    RowBlock rows = counting(table.rows()).compact();
    List<String> classes = rows.classes();
    if (classes.isEmpty()) {
      throw new TrainingException(
          "no row that counts has a class: a classifier needs rows of at least one", null);
    }
    if (classes.size() == 1) {
      return new SingleClassModel(table.schema(), classes.get(0));
    }
    Encoding encoding = Encoding.dense(table.schema(), rows);
    StandardColumns columns = StandardColumns.of(encoding, rows);
    LogLoss loss = new LogLoss(columns.values(), rows.labels(), parts(rows), classes.size(), ridge);
    Lbfgs search = new Lbfgs(loss, loss.start());
    List<CurvePoint> curve = new ArrayList<>();
    boolean moving = true;
    while (moving && search.slope() > SLOPE_REACHED && curve.size() < MAXIMUM_ROUNDS) {
      if (Thread.currentThread().isInterrupted()) {
        throw new TrainingException("interrupted after " + curve.size() + " rounds", null);
      }
      moving = search.step();
      curve.add(new CurvePoint("train", "log_loss", curve.size() + 1, search.value()));
    }
    List<String> notes = new ArrayList<>(encoding.notes());
    notes.addAll(columns.notes());
    if (!(search.slope() <= (moving ? SLOPE_REACHED : SLOPE_ROUNDED))) {
      notes.add(
          "the fit did not converge in %d rounds; a slope of %.1e is left"
              .formatted(curve.size(), search.slope()));
    }
    return new LogisticModel(encoding, columns, search.point(), classes, notes, curve);
  }

  /** The rows whose weight is not 0. */
  private static RowBlock counting(RowBlock rows) {
    double[] weights = rows.weights();
    if (weights == null || Arrays.stream(weights).allMatch(weight -> weight > 0)) {
      return rows;
    }
    return rows.select(IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray());
  }

  /** The weights divided by their sum. */
  private static double[] parts(RowBlock rows) {
    double[] weights = rows.weights();
    double[] parts = new double[rows.rows()];
    double total = weights == null ? parts.length : Arrays.stream(weights).sum();
    for (int i = 0; i < parts.length; i++) {
      parts[i] = (weights == null ? 1 : weights[i]) / total;
    }
    return parts;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Logistic that && ridge == that.ridge;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(ridge);
  }

  /** The text that gives this trainer. */
  @Override
  public String toString() {
    return ridge == USUAL_RIDGE ? NAME : NAME + ":" + RIDGE + "=" + ridge;
  }
}
