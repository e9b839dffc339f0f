package dev.sheaf.models.train.mlp;

/**
 * Rows as the network sees them.
 *
 * @param inputs by row: the standardised columns, padded with zeros to a multiple of four
 * @param targets the standardised label, or the index of the class
 * @param weights the rows' weights
 */
// Arrays for speed; never compared.
@SuppressWarnings("ArrayRecordComponent")
record Samples(float[][] inputs, float[] targets, float[] weights) {
  int rows() {
    return inputs.length;
  }

  /** Whether the weights have a finite sum above 0. */
  boolean counts() {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return sum > 0 && sum <= Double.MAX_VALUE;
  }
}
