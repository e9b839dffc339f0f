package dev.sheaf.models.train.mlp;

/** What a hidden unit makes of its weighted sum. */
public enum Activation {
  /** {@code max(0, x)}: the default, and the faster one. */
  RELU {
    @Override
    void apply(float[] sums, int n) {
      for (int i = 0; i < n; i++) {
        sums[i] = Math.max(sums[i], 0f);
      }
    }

    @Override
    void backward(float[] deltas, float[] activations, int n) {
      for (int i = 0; i < n; i++) {
        // 1 where the unit is on, 0 where it is off, without a branch.
        deltas[i] *= Math.min(1f, activations[i] * Float.MAX_VALUE);
      }
    }

    @Override
    void apply(double[] sums, int n) {
      for (int i = 0; i < n; i++) {
        sums[i] = Math.max(sums[i], 0.0);
      }
    }
  },

  /** The hyperbolic tangent: smooth and bounded, for small tables and smooth curves. */
  TANH {
    @Override
    void apply(float[] sums, int n) {
      for (int i = 0; i < n; i++) {
        sums[i] = (float) Exponential.tanh(sums[i]);
      }
    }

    @Override
    void backward(float[] deltas, float[] activations, int n) {
      for (int i = 0; i < n; i++) {
        deltas[i] *= 1f - activations[i] * activations[i];
      }
    }

    @Override
    void apply(double[] sums, int n) {
      for (int i = 0; i < n; i++) {
        sums[i] = Exponential.tanh(sums[i]);
      }
    }
  };

  /** Replaces sums by activations. */
  abstract void apply(float[] sums, int n);

  /** Multiplies the gradients by the activations with the slope at the sums. */
  abstract void backward(float[] deltas, float[] activations, int n);

  /** Replaces sums by activations. */
  abstract void apply(double[] sums, int n);
}
