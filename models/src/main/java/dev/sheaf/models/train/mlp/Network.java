package dev.sheaf.models.train.mlp;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A network while it is trained, with room for one batch: forward and backward passes and steps of
 * Adam, in floats. Nothing is allocated per batch.
 *
 * <p>Activations are kept by unit, a place per row: the loops run along the batch.
 */
final class Network {
  private final Activation activation;
  private final List<Layer> layers = new ArrayList<>();

  /** By layer of units, the inputs first: what each unit gives, by unit and row. */
  private final List<float[][]> units = new ArrayList<>();

  /** By layer: the gradient of the loss by each unit's sum, by unit and row. */
  private final List<float[][]> deltas = new ArrayList<>();

  /** By hidden layer of units: what each unit gives, by row and unit. */
  private final List<float[][]> unitsByRow = new ArrayList<>();

  private final float[][] deltasByRow;
  private int steps;

  /**
   * @param sizes units per layer: inputs, hidden layers, outputs
   * @param capacity rows of the largest batch
   */
  Network(List<Integer> sizes, Activation activation, int capacity, SplittableRandom random) {
    this.activation = activation;
    int room = Kernels.padded(capacity);
    int widest = 0;
    units.add(new float[Kernels.padded(sizes.get(0))][room]);
    for (int l = 1; l < sizes.size(); l++) {
      int in = sizes.get(l - 1);
      int out = sizes.get(l);
      layers.add(new Layer(in, out, random));
      int padded = Kernels.padded(out);
      widest = Math.max(widest, padded);
      units.add(new float[padded][room]);
      deltas.add(new float[padded][room]);
      unitsByRow.add(new float[room][padded]);
    }
    deltasByRow = new float[room][widest];
  }

  List<Layer> layers() {
    return layers;
  }

  /** What the network gives, by output unit and row. */
  float[][] outputs() {
    return units.get(layers.size());
  }

  /** Where the loss puts its gradients, by output unit and row; the padding stays 0. */
  float[][] outputDeltas() {
    return deltas.get(layers.size() - 1);
  }

  /**
   * Computes the outputs of a batch.
   *
   * @param batch the inputs of each row, padded with zeros to a multiple of four
   */
  void forward(float[][] batch, int rows) {
    Kernels.transpose(batch, units.get(0), rows, units.get(0).length);
    for (int l = 0; l < layers.size(); l++) {
      float[][] out = units.get(l + 1);
      layers.get(l).forward(units.get(l), out, rows);
      if (l < layers.size() - 1) {
        for (float[] unit : out) {
          activation.apply(unit, rows);
        }
      }
    }
  }

  /**
   * Computes the gradients of all weights from those of the outputs, after {@link #forward}.
   *
   * @param batch the same rows, with some row in each place up to a multiple of four
   */
  void backward(float[][] batch, int rows) {
    for (int l = layers.size() - 1; l >= 0; l--) {
      float[][] in = units.get(l);
      float[][] delta = deltas.get(l);
      clearPadding(delta, rows);
      float[][] byRow = batch;
      if (l > 0) {
        byRow = unitsByRow.get(l - 1);
        Kernels.transpose(in, byRow, in.length, rows);
      }
      layers.get(l).gradients(in, byRow, delta, deltasByRow, rows);
      if (l > 0) {
        float[][] inDeltas = deltas.get(l - 1);
        layers.get(l).backward(delta, inDeltas, rows);
        for (int u = 0; u < in.length; u++) {
          activation.backward(inDeltas[u], in[u], rows);
        }
      }
    }
  }

  private static void clearPadding(float[][] delta, int rows) {
    for (float[] unit : delta) {
      for (int r = rows; r < Kernels.padded(rows); r++) {
        unit[r] = 0;
      }
    }
  }

  /** Takes one step of Adam along the gradients. */
  void update(double learningRate, double weightDecay) {
    steps++;
    for (Layer layer : layers) {
      layer.update(steps, learningRate, weightDecay);
    }
  }

  /** A copy of all weights and biases, to be given back to {@link #restore}. */
  List<float[][]> snapshot() {
    List<float[][]> copies = new ArrayList<>();
    for (Layer layer : layers) {
      int out = layer.biases().length;
      float[][] copy = new float[out + 1][];
      for (int o = 0; o < out; o++) {
        copy[o] = layer.weights()[o].clone();
      }
      copy[out] = layer.biases().clone();
      copies.add(copy);
    }
    return copies;
  }

  void restore(List<float[][]> snapshot) {
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      float[][] copy = snapshot.get(l);
      int out = layer.biases().length;
      for (int o = 0; o < out; o++) {
        System.arraycopy(copy[o], 0, layer.weights()[o], 0, copy[o].length);
      }
      System.arraycopy(copy[out], 0, layer.biases(), 0, out);
    }
  }
}
