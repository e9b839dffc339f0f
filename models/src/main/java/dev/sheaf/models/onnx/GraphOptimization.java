package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;

/** How far ONNX Runtime rewrites a graph when it opens a model. */
public enum GraphOptimization {
  /** Not at all: opens fastest, takes least memory. */
  NONE(OptLevel.NO_OPT),
  /** Folds constants and drops what has no effect. */
  BASIC(OptLevel.BASIC_OPT),
  /** Also joins operators into one. */
  EXTENDED(OptLevel.EXTENDED_OPT),
  /** Also changes the layout of images to the processor's liking. */
  ALL(OptLevel.ALL_OPT);

  private final OptLevel level;

  GraphOptimization(OptLevel level) {
    this.level = level;
  }

  OptLevel level() {
    return level;
  }
}
