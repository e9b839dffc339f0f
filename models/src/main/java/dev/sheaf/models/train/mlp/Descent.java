package dev.sheaf.models.train.mlp;

import dev.sheaf.models.train.TrainingException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network by epochs of mini-batches, each epoch over all rows in a new order, and keeps
 * the weights with the least loss on the evaluation rows.
 */
final class Descent {
  private final Settings settings;
  private final Loss loss;
  private final Network network;
  private final SplittableRandom random;
  private final float[][] deltas;
  private final float[][] batch;
  private final float[] targets;
  private final float[] weights;

  /**
   * @param outputs how many outputs of the network count
   * @param capacity rows of the largest batch
   */
  Descent(
      Settings settings,
      Loss loss,
      Network network,
      int outputs,
      int capacity,
      SplittableRandom random) {
    this.settings = settings;
    this.loss = loss;
    this.network = network;
    this.random = random;
    deltas = Arrays.copyOf(network.outputDeltas(), outputs);
    batch = new float[Kernels.padded(capacity)][];
    targets = new float[capacity];
    weights = new float[capacity];
  }

  /** The mean loss of each epoch, and the epoch whose weights were kept. */
  // Arrays for speed; never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Course(double[] train, double[] evaluation, int best) {}

  Course run(Samples train, @Nullable Samples evaluation) throws TrainingException {
    int[] order = new int[train.rows()];
    Arrays.setAll(order, i -> i);
    double[] trainLosses = new double[settings.epochs()];
    double[] evaluationLosses = new double[evaluation == null ? 0 : settings.epochs()];
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    List<float[][]> kept = network.snapshot();
    int epoch = 0;
    while (epoch < settings.epochs()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new TrainingException("interrupted in epoch " + (epoch + 1), null);
      }
      trainLosses[epoch] = epoch(train, order);
      double judged = trainLosses[epoch];
      if (evaluation != null) {
        judged = evaluate(evaluation);
        evaluationLosses[epoch] = judged;
      }
      epoch++;
      if (!(judged <= Double.MAX_VALUE)) {
        break;
      }
      if (evaluation == null || judged < least) {
        best = epoch;
        least = judged;
        if (evaluation != null) {
          kept = network.snapshot();
        }
      } else if (epoch - best >= settings.patience()) {
        break;
      }
    }
    if (evaluation != null && best > 0) {
      network.restore(kept);
    }
    return new Course(
        Arrays.copyOf(trainLosses, epoch),
        Arrays.copyOf(evaluationLosses, evaluation == null ? 0 : epoch),
        best);
  }

  /** One pass over all rows, in batches of nearly the same size; the mean loss before each step. */
  private double epoch(Samples train, int[] order) {
    shuffle(order);
    int rows = order.length;
    int batches = (rows + targets.length - 1) / targets.length;
    double sum = 0;
    double weight = 0;
    for (int b = 0; b < batches; b++) {
      int from = (int) ((long) rows * b / batches);
      int count = (int) ((long) rows * (b + 1) / batches) - from;
      double batchWeight = gather(train, order, from, count);
      weight += batchWeight;
      network.forward(batch, count);
      sum += loss.backward(network.outputs(), targets, weights, count, deltas);
      if (batchWeight > 0) {
        scale((float) (1 / batchWeight), count);
        network.backward(batch, count);
        network.update(settings.learningRate(), settings.weightDecay());
      }
    }
    return sum / weight;
  }

  private double evaluate(Samples evaluation) {
    double sum = 0;
    double weight = 0;
    int capacity = targets.length;
    for (int from = 0; from < evaluation.rows(); from += capacity) {
      int count = Math.min(capacity, evaluation.rows() - from);
      System.arraycopy(evaluation.inputs(), from, batch, 0, count);
      System.arraycopy(evaluation.targets(), from, targets, 0, count);
      System.arraycopy(evaluation.weights(), from, weights, 0, count);
      for (int r = 0; r < count; r++) {
        weight += weights[r];
      }
      network.forward(batch, count);
      sum += loss.backward(network.outputs(), targets, weights, count, deltas);
    }
    return sum / weight;
  }

  private double gather(Samples samples, int[] order, int from, int count) {
    double weight = 0;
    for (int r = 0; r < count; r++) {
      int row = order[from + r];
      batch[r] = samples.inputs()[row];
      targets[r] = samples.targets()[row];
      weights[r] = samples.weights()[row];
      weight += weights[r];
    }
    Arrays.fill(batch, count, Kernels.padded(count), batch[0]);
    return weight;
  }

  private void scale(float factor, int count) {
    for (float[] delta : deltas) {
      for (int r = 0; r < count; r++) {
        delta[r] *= factor;
      }
    }
  }

  private void shuffle(int[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[other];
      order[other] = held;
    }
  }
}
