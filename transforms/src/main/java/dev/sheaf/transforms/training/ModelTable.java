package dev.sheaf.transforms.training;

/** What training can tell of each model beside its ledger row. */
public enum ModelTable {
  /** The rows that it was judged on, each with its prediction. */
  HELD_OUT,
  /** How its error fell from round to round. */
  CURVES,
  /** How much it makes of each feature. */
  IMPORTANCE
}
