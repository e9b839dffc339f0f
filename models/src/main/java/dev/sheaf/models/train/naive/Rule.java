package dev.sheaf.models.train.naive;

import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** What a naive model predicts. */
sealed interface Rule extends Serializable {
  String name();

  default Task task() {
    return Task.regression();
  }

  FittedModel fit(TrainingTable table) throws TrainingException;

  /** See {@link Naive#mean}. */
  record Mean() implements Rule {
    @Override
    public String name() {
      return "mean";
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      return constant(table, mean(table.rows(), i -> true), List.of());
    }
  }

  /** See {@link Naive#frequencies}. */
  record Frequencies() implements Rule {
    @Override
    public String name() {
      return "frequencies";
    }

    @Override
    public Task task() {
      return Task.classification();
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      RowBlock rows = table.rows();
      double[] frequencies = new double[rows.classes().size()];
      double total = 0;
      for (int i = 0; i < rows.rows(); i++) {
        frequencies[(int) rows.labels()[i]] += weight(rows, i);
        total += weight(rows, i);
      }
      checkWeight(total);
      for (int k = 0; k < frequencies.length; k++) {
        frequencies[k] /= total;
      }
      return new ConstantModel(table.schema(), frequencies, rows.classes(), List.of());
    }
  }

  /** See {@link Naive#quantile}. */
  record Quantile(Task task) implements Rule {
    @Override
    public String name() {
      return "quantile";
    }

    double level() {
      return task instanceof Task.Quantile quantile ? quantile.level() : Double.NaN;
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      RowBlock rows = table.rows();
      int[] sorted =
          IntStream.range(0, rows.rows())
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> rows.labels()[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      double total = 0;
      for (int i : sorted) {
        total += weight(rows, i);
      }
      checkWeight(total);
      double below = 0;
      int at = 0;
      for (; at < sorted.length - 1; at++) {
        below += weight(rows, sorted[at]);
        if (below >= level() * total) {
          break;
        }
      }
      return constant(table, rows.labels()[sorted[at]], List.of());
    }
  }

  /** See {@link Naive#last(String)}. */
  record Last(String column) implements Rule {
    @Override
    public String name() {
      return "last";
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      int feature = Naive.dateColumn(table.schema(), column);
      double[] times = table.rows().column(feature);
      double latest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < times.length; i++) {
        if (weight(table.rows(), i) > 0 && times[i] > latest) {
          latest = times[i];
        }
      }
      double last = latest;
      if (last == Double.NEGATIVE_INFINITY) {
        String note =
            "feature "
                + table.schema().featureNames().get(feature)
                + " has no value in the training rows; the mean is predicted";
        return constant(table, mean(table.rows(), i -> true), List.of(note));
      }
      return constant(table, mean(table.rows(), i -> times[i] == last), List.of());
    }
  }

  /** See {@link Naive#seasonal(String, int)}. */
  record Seasonal(String column, int days) implements Rule {
    private static final int TEN_YEARS = 3660;
    private static final int SECONDS_OF_DAY = 86_400;

    public Seasonal {
      if (days < 1 || days > TEN_YEARS) {
        throw new IllegalArgumentException(
            "cannot set the period to " + days + " days: it must be from 1 to " + TEN_YEARS);
      }
    }

    @Override
    public String name() {
      return "seasonal";
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      RowBlock rows = table.rows();
      int feature = Naive.dateColumn(table.schema(), column);
      int unit =
          table.schema().features().get(feature).type() == FeatureType.DATE ? 1 : SECONDS_OF_DAY;
      double[] times = rows.column(feature);
      double[] latest = new double[days];
      Arrays.fill(latest, Double.NEGATIVE_INFINITY);
      for (int i = 0; i < times.length; i++) {
        double day = SeasonalModel.day(times[i], unit);
        if (weight(rows, i) > 0 && Double.isFinite(day)) {
          int phase = SeasonalModel.phase(day, days);
          latest[phase] = Math.max(latest[phase], day);
        }
      }
      double[] values = new double[days];
      double[] totals = new double[days];
      for (int i = 0; i < times.length; i++) {
        double day = SeasonalModel.day(times[i], unit);
        double weight = weight(rows, i);
        if (weight > 0 && Double.isFinite(day)) {
          int phase = SeasonalModel.phase(day, days);
          if (latest[phase] == day) {
            totals[phase] += weight;
            values[phase] += (rows.labels()[i] - values[phase]) * (weight / totals[phase]);
          }
        }
      }
      double mean = mean(rows, i -> true);
      for (int phase = 0; phase < days; phase++) {
        values[phase] = totals[phase] > 0 ? values[phase] : mean;
      }
      return new SeasonalModel(table.schema(), feature, unit, values, mean);
    }
  }

  private static FittedModel constant(TrainingTable table, double value, List<String> notes) {
    return new ConstantModel(table.schema(), new double[] {value}, List.of(), notes);
  }

  /** The mean label of some rows. */
  private static double mean(RowBlock rows, IntPredicate chosen) throws TrainingException {
    double mean = 0;
    double total = 0;
    for (int i = 0; i < rows.rows(); i++) {
      double weight = weight(rows, i);
      if (weight > 0 && chosen.test(i)) {
        total += weight;
        mean += (rows.labels()[i] - mean) * (weight / total);
      }
    }
    checkWeight(total);
    return mean;
  }

  private static double weight(RowBlock rows, int row) {
    double[] weights = rows.weights();
    return weights == null ? 1 : weights[row];
  }

  private static void checkWeight(double total) throws TrainingException {
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new TrainingException(
          "the weights of the rows add up to " + total + ": it must be a finite number above 0",
          null);
    }
  }
}
