package dev.sheaf.models.train.mlp;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One training: from the rows of a table to the model. */
final class Fit {
  /** Fewer rows than these say too little about when to stop. */
  private static final int FEWEST_EVALUATION_ROWS = 5;

  private static final int STEPS_PER_EPOCH = 16;
  private static final int SMALLEST_BATCH = 16;

  private final Task task;
  private final Settings settings;
  private final TrainingTable table;
  private final List<String> notes = new ArrayList<>();
  private final Encoding inputs;
  private final Standard standard;
  private final List<String> classes;

  /** The mean and standard deviation of the label; 0 and 1 for classes. */
  private final double labelMean;

  private final double labelScale;

  Fit(Task task, Settings settings, TrainingTable table) throws TrainingException {
    this.task = task;
    this.settings = settings;
    this.table = table;
    RowBlock rows = table.rows();
    inputs = Encoding.dense(table.schema(), rows);
    notes.addAll(inputs.notes());
    standard = Standard.of(inputs.encode(rows));
    Integer unusable = standard.unusable();
    if (unusable != null) {
      throw new TrainingException(
          "column "
              + inputs.columns().get(unusable).name()
              + " has infinite values, or values too large to add up",
          null);
    }
    classes = task.isClassification() ? rows.classes() : List.of();
    if (task.isClassification() && classes.isEmpty()) {
      throw new TrainingException("the labels are numbers: a classifier needs classes", null);
    }
    Standard label = Standard.of(new double[][] {countingLabels(rows)});
    double factor = label.factors()[0];
    labelMean = task.isClassification() ? 0 : label.means()[0];
    labelScale = task.isClassification() ? 1 : factor == 0 ? 0 : 1 / factor;
  }

  /** The labels of the rows whose weight is not 0. */
  private static double[] countingLabels(RowBlock rows) {
    double[] weights = rows.weights();
    double[] labels = rows.labels();
    return weights == null
        ? labels
        : IntStream.range(0, labels.length)
            .filter(r -> weights[r] > 0)
            .mapToDouble(r -> labels[r])
            .toArray();
  }

  MlpModel run() throws TrainingException {
    Samples train = null;
    Samples evaluation = null;
    if (settings.patience() > 0) {
      TrainingTable.Parts parts = table.split(settings.fraction());
      train = samples(parts.train().rows());
      evaluation = samples(parts.evaluation());
      if (evaluation.rows() < FEWEST_EVALUATION_ROWS || !train.counts() || !evaluation.counts()) {
        notes.add(
            "trained without early stopping: only "
                + evaluation.rows()
                + " rows could be kept for it");
        train = null;
        evaluation = null;
      }
    }
    if (train == null) {
      train = samples(table.rows());
      if (!train.counts()) {
        throw new TrainingException(
            "the weights of the rows are not finite with a sum above 0", null);
      }
    }
    return descend(train, evaluation);
  }

  private MlpModel descend(Samples train, @Nullable Samples evaluation) throws TrainingException {
    int outputs = Math.max(1, classes.size());
    int capacity =
        Math.min(settings.batchSize(), Math.max(SMALLEST_BATCH, train.rows() / STEPS_PER_EPOCH));
    List<Integer> sizes = new ArrayList<>();
    sizes.add(standard.means().length);
    sizes.addAll(settings.hidden());
    sizes.add(outputs);
    SplittableRandom random = new SplittableRandom(settings.seed());
    Network network = new Network(sizes, settings.activation(), capacity, random);
    Loss loss = task.isClassification() ? Loss.CROSS_ENTROPY : Loss.SQUARED_ERROR;
    Descent.Course course =
        new Descent(settings, loss, network, outputs, capacity, random).run(train, evaluation);
    List<Dense> layers = new ArrayList<>(network.layers().stream().map(Dense::of).toList());
    layers.set(0, layers.get(0).afterFactors(standard.factors()));
    int last = layers.size() - 1;
    layers.set(last, layers.get(last).scaled(labelScale, labelMean));
    return new MlpModel(
        table.schema(),
        inputs,
        standard.means(),
        layers,
        settings.activation(),
        classes,
        new MlpModel.Report(notes, curve(course)));
  }

  private List<CurvePoint> curve(Descent.Course course) {
    List<CurvePoint> curve = new ArrayList<>();
    for (int e = 0; e < course.train().length; e++) {
      curve.add(point("train", e, course.train()[e]));
    }
    for (int e = 0; e < course.evaluation().length; e++) {
      curve.add(point("evaluation", e, course.evaluation()[e]));
    }
    return curve;
  }

  private CurvePoint point(String dataset, int epoch, double loss) {
    double value = task.isClassification() ? loss : labelScale * Math.sqrt(loss);
    return new CurvePoint(dataset, task.loss(), epoch + 1, value);
  }

  private Samples samples(RowBlock rows) {
    double[][] columns = inputs.encode(rows);
    float[][] scaled = new float[rows.rows()][Kernels.padded(columns.length)];
    for (int j = 0; j < columns.length; j++) {
      for (int r = 0; r < scaled.length; r++) {
        scaled[r][j] = standard.apply(j, columns[j][r]);
      }
    }
    float[] weights = new float[rows.rows()];
    Arrays.fill(weights, 1f);
    double[] given = rows.weights();
    for (int r = 0; given != null && r < weights.length; r++) {
      weights[r] = (float) given[r];
    }
    return new Samples(scaled, targets(rows), weights);
  }

  private float[] targets(RowBlock rows) {
    double[] labels = rows.labels();
    float[] targets = new float[labels.length];
    // Parts of a table may have classes of their own.
    int[] places = rows.classes().stream().mapToInt(classes::indexOf).toArray();
    for (int r = 0; r < targets.length; r++) {
      if (task.isClassification()) {
        targets[r] = places[(int) labels[r]];
      } else {
        targets[r] = labelScale == 0 ? 0 : (float) ((labels[r] - labelMean) / labelScale);
      }
    }
    return targets;
  }
}
