package dev.sheaf.models.train.mlp;

/** What is made as small as possible, as a mean over rows by their weights. */
enum Loss {
  /** Half the squared error of one output. */
  SQUARED_ERROR {
    @Override
    double backward(
        float[][] outputs, float[] targets, float[] weights, int rows, float[][] deltas) {
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        float error = outputs[0][r] - targets[r];
        deltas[0][r] = weights[r] * error;
        sum += weights[r] * (double) error * error;
      }
      return sum;
    }
  },

  /** The logarithm of the probability of the row's class, the outputs being logits. */
  CROSS_ENTROPY {
    @Override
    double backward(
        float[][] outputs, float[] targets, float[] weights, int rows, float[][] deltas) {
      int classes = deltas.length;
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        double top = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
          top = Math.max(top, outputs[c][r]);
        }
        double total = 0;
        for (int c = 0; c < classes; c++) {
          double power = Exponential.of(outputs[c][r] - top);
          deltas[c][r] = (float) power;
          total += power;
        }
        int target = (int) targets[r];
        sum += weights[r] * (StrictMath.log(total) - (outputs[target][r] - top));
        for (int c = 0; c < classes; c++) {
          float probability = (float) (deltas[c][r] / total);
          deltas[c][r] = weights[r] * (c == target ? probability - 1 : probability);
        }
      }
      return sum;
    }
  };

  /**
   * Puts each row's weight times the gradient of its loss by the outputs.
   *
   * @param outputs by output unit and row
   * @param targets the wanted output, or the index of the class
   * @param deltas as many output units as count, for the gradients
   * @return the sum over the rows of weight times squared error, or times cross-entropy
   */
  abstract double backward(
      float[][] outputs, float[] targets, float[] weights, int rows, float[][] deltas);
}
