package dev.sheaf.models.trees;

/** A model read from a library's file. */
public sealed interface Booster permits TreeEnsemble, LinearBooster {
  /** What it says about itself. */
  BoosterHead head();

  /** The number of trees that predict; 0 for a linear booster. */
  int trees();
}
