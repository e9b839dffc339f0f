package dev.sheaf.models.train.mlp;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A fully connected layer while it is trained: weights {@code [output][input]} and biases, their
 * gradients, and Adam's running means of them.
 *
 * <p>Inputs and outputs are padded with units whose weights are 0. Their gradients are 0, too, so
 * they stay so.
 */
final class Layer {
  /** How Adam forgets gradients and their squares (Kingma and Ba, Adam, 2015). */
  private static final float KEEP_MEAN = 0.9f;

  private static final float KEEP_SQUARE = 0.999f;
  private static final float EPSILON = 1e-8f;

  private final int inputs;
  private final int outputs;
  private final float[][] weights;
  private final float[] biases;

  /** The weights' gradients by output unit and, in the last row, the biases'. */
  private final float[][] gradients;

  private final float[][] means;
  private final float[][] squares;
  private final float[][] transposedWeights;
  private final float[][] transposedGradients;

  Layer(int inputs, int outputs, SplittableRandom random) {
    this.inputs = inputs;
    this.outputs = outputs;
    int in = Kernels.padded(inputs);
    int out = Kernels.padded(outputs);
    weights = new float[out][in];
    biases = new float[out];
    gradients = rows(out, in);
    means = rows(out, in);
    squares = rows(out, in);
    transposedWeights = new float[in][out];
    transposedGradients = new float[in][out];
    // Glorot and Bengio, Understanding the Difficulty of Training Deep Networks, 2010; by daily
    // sales also the better one for RELU, where He's larger weights overfit small tables.
    double limit = Math.sqrt(6.0 / (inputs + outputs));
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        weights[o][i] = (float) (limit * (2 * random.nextDouble() - 1));
      }
    }
  }

  private static float[][] rows(int out, int in) {
    float[][] rows = new float[out + 1][in];
    rows[out] = new float[out];
    return rows;
  }

  int inputs() {
    return inputs;
  }

  int outputs() {
    return outputs;
  }

  float[][] weights() {
    return weights;
  }

  float[] biases() {
    return biases;
  }

  /** The gradients by output unit and, in the last row, the biases'. */
  float[][] gradients() {
    return gradients;
  }

  /**
   * Computes the sums of the units.
   *
   * @param in by input unit, one place per row of the batch
   * @param out by output unit, alike
   */
  void forward(float[][] in, float[][] out, int rows) {
    for (int o = 0; o < biases.length; o++) {
      Arrays.fill(out[o], 0, rows, biases[o]);
    }
    Kernels.addProduct(out, weights, in, biases.length, transposedWeights.length, rows);
  }

  /** Computes the gradients of the inputs from those of the sums. */
  void backward(float[][] deltas, float[][] inDeltas, int rows) {
    Kernels.transpose(weights, transposedWeights, biases.length, transposedWeights.length);
    Kernels.clear(inDeltas, rows);
    Kernels.addProduct(
        inDeltas, transposedWeights, deltas, transposedWeights.length, biases.length, rows);
  }

  /**
   * Computes the gradients of the weights, along the longer side of the matrix, where the vectors
   * are longer.
   *
   * @param in the inputs by unit
   * @param inByRow the inputs by row of the batch
   * @param deltas the gradients of the sums by unit, 0 in the places up to a multiple of four
   * @param deltasByRow room for these by row of the batch
   */
  void gradients(
      float[][] in, float[][] inByRow, float[][] deltas, float[][] deltasByRow, int rows) {
    int out = biases.length;
    int inner = Kernels.padded(rows);
    if (transposedWeights.length >= out) {
      for (int o = 0; o < out; o++) {
        Arrays.fill(gradients[o], 0f);
      }
      Kernels.addProduct(gradients, deltas, inByRow, out, inner, transposedWeights.length);
    } else {
      Kernels.transpose(deltas, deltasByRow, out, inner);
      Kernels.clear(transposedGradients, out);
      Kernels.addProduct(
          transposedGradients, in, deltasByRow, transposedWeights.length, inner, out);
      Kernels.transpose(transposedGradients, gradients, transposedWeights.length, out);
    }
    for (int o = 0; o < out; o++) {
      float sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += deltas[o][r];
      }
      gradients[out][o] = sum;
    }
  }

  /**
   * Takes one step of Adam, with weight decay apart from the gradients (Loshchilov and Hutter,
   * Decoupled Weight Decay Regularization, 2019); biases do not decay.
   *
   * @param step the number of the step, from 1
   */
  void update(int step, double learningRate, double weightDecay) {
    float rate =
        (float)
            (learningRate
                * Math.sqrt(1 - StrictMath.pow(KEEP_SQUARE, step))
                / (1 - StrictMath.pow(KEEP_MEAN, step)));
    float keep = (float) (1 - learningRate * weightDecay);
    for (int o = 0; o < biases.length; o++) {
      adam(weights[o], gradients[o], means[o], squares[o], rate, keep);
    }
    int last = biases.length;
    adam(biases, gradients[last], means[last], squares[last], rate, 1f);
  }

  private static void adam(
      float[] values, float[] gradients, float[] means, float[] squares, float rate, float keep) {
    for (int i = 0; i < values.length; i++) {
      float gradient = gradients[i];
      float mean = KEEP_MEAN * means[i] + (1 - KEEP_MEAN) * gradient;
      float square = KEEP_SQUARE * squares[i] + (1 - KEEP_SQUARE) * gradient * gradient;
      means[i] = mean;
      squares[i] = square;
      values[i] = values[i] * keep - rate * mean / ((float) Math.sqrt(square) + EPSILON);
    }
  }
}
