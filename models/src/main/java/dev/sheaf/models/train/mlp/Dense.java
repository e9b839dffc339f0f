package dev.sheaf.models.train.mlp;

/**
 * A layer of a trained network, in doubles.
 *
 * @param weights by input and output unit
 * @param biases by output unit
 */
// Arrays for speed; never compared.
@SuppressWarnings("ArrayRecordComponent")
record Dense(double[][] weights, double[] biases) {
  static Dense of(Layer layer) {
    double[][] weights = new double[layer.inputs()][layer.outputs()];
    double[] biases = new double[layer.outputs()];
    for (int o = 0; o < biases.length; o++) {
      biases[o] = layer.biases()[o];
      for (int i = 0; i < weights.length; i++) {
        weights[i][o] = layer.weights()[o][i];
      }
    }
    return new Dense(weights, biases);
  }

  /** The same layer for inputs that are not yet multiplied by these factors. */
  Dense afterFactors(double[] factors) {
    double[][] scaled = new double[weights.length][];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = weights[i].clone();
      for (int o = 0; o < biases.length; o++) {
        scaled[i][o] *= factors[i];
      }
    }
    return new Dense(scaled, biases);
  }

  /** The same layer with its outputs multiplied and moved. */
  Dense scaled(double factor, double offset) {
    double[][] scaled = new double[weights.length][biases.length];
    double[] moved = new double[biases.length];
    for (int o = 0; o < biases.length; o++) {
      for (int i = 0; i < scaled.length; i++) {
        scaled[i][o] = weights[i][o] * factor;
      }
      moved[o] = biases[o] * factor + offset;
    }
    return new Dense(scaled, moved);
  }

  /** The sums of one row. */
  double[] apply(double[] inputs) {
    double[] sums = biases.clone();
    for (int i = 0; i < inputs.length; i++) {
      double input = inputs[i];
      double[] row = weights[i];
      for (int o = 0; o < sums.length; o++) {
        sums[o] += input * row[o];
      }
    }
    return sums;
  }
}
