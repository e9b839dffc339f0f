package dev.sheaf.models.train.mlp;

import java.io.Serializable;
import java.util.List;

/** The checked options of the trainer. */
record Settings(
    List<Integer> hidden,
    Activation activation,
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int patience,
    double fraction,
    long seed)
    implements Serializable {}
