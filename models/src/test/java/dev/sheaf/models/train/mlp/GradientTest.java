package dev.sheaf.models.train.mlp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The gradients against differences of the loss, computed anew in doubles. */
class GradientTest {
  private static final double DIFFERENCE = 1e-4;

  @Property(tries = 40, seed = "7")
  void gradientsAreTheSlopesOfTheLoss(
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 9) Integer> hidden,
      @ForAll @IntRange(min = 1, max = 9) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int outputs,
      @ForAll @IntRange(min = 1, max = 11) int rows,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Loss loss = outputs == 1 ? Loss.SQUARED_ERROR : Loss.CROSS_ENTROPY;
    List<Integer> sizes = new ArrayList<>();
    sizes.add(inputs);
    sizes.addAll(hidden);
    sizes.add(outputs);
    Network network = new Network(sizes, Activation.TANH, rows, random);
    // Biases other than 0, so that none goes unnoticed.
    network.update(0, 0);
    for (Layer layer : network.layers()) {
      for (int o = 0; o < layer.outputs(); o++) {
        layer.biases()[o] = (float) (random.nextDouble() - 0.5);
      }
    }
    float[][] batch = new float[Kernels.padded(rows)][Kernels.padded(inputs)];
    float[] targets = new float[rows];
    float[] weights = new float[rows];
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < inputs; j++) {
        batch[r][j] = (float) (2 * random.nextDouble() - 1);
      }
      targets[r] = outputs == 1 ? (float) random.nextDouble() : random.nextInt(outputs);
      weights[r] = (float) (0.5 + random.nextDouble());
    }

    network.forward(batch, rows);
    float[][] deltas = Arrays.copyOf(network.outputDeltas(), outputs);
    loss.backward(network.outputs(), targets, weights, rows, deltas);
    network.backward(batch, rows);

    List<Dense> layers = new ArrayList<>(network.layers().stream().map(Dense::of).toList());
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = network.layers().get(l);
      for (int o = 0; o < layer.outputs(); o++) {
        double[] biases = layers.get(l).biases();
        double slope = slope(biases, o, layers, batch, targets, weights, outputs);
        assertEquals(slope, layer.gradients()[layer.biases().length][o], tolerance(slope));
        for (int i = 0; i < layer.inputs(); i++) {
          double[] from = layers.get(l).weights()[i];
          double expected = slope(from, o, layers, batch, targets, weights, outputs);
          assertEquals(expected, layer.gradients()[o][i], tolerance(expected));
        }
      }
    }
  }

  private static double tolerance(double slope) {
    return 2e-5 + 1e-5 * Math.abs(slope);
  }

  private static double slope(
      double[] values,
      int at,
      List<Dense> layers,
      float[][] batch,
      float[] targets,
      float[] weights,
      int outputs) {
    double kept = values[at];
    values[at] = kept + DIFFERENCE;
    double above = loss(layers, batch, targets, weights, outputs);
    values[at] = kept - DIFFERENCE;
    double below = loss(layers, batch, targets, weights, outputs);
    values[at] = kept;
    return (above - below) / (2 * DIFFERENCE);
  }

  /** Half the squared error or the cross-entropy, summed over the rows by their weights. */
  private static double loss(
      List<Dense> layers, float[][] batch, float[] targets, float[] weights, int outputs) {
    double sum = 0;
    for (int r = 0; r < targets.length; r++) {
      double[] values = new double[layers.get(0).weights().length];
      for (int j = 0; j < values.length; j++) {
        values[j] = batch[r][j];
      }
      for (int l = 0; l < layers.size(); l++) {
        values = layers.get(l).apply(values);
        for (int u = 0; u < values.length && l < layers.size() - 1; u++) {
          values[u] = Math.tanh(values[u]);
        }
      }
      if (outputs == 1) {
        sum += weights[r] * (values[0] - targets[r]) * (values[0] - targets[r]) / 2;
      } else {
        double total = Arrays.stream(values).map(Math::exp).sum();
        sum += weights[r] * (Math.log(total) - values[(int) targets[r]]);
      }
    }
    return sum;
  }
}
