package dev.sheaf.models.train;

import dev.sheaf.models.table.RowBlock;
import java.util.List;

/**
 * The rows that a model was judged on and what was predicted for them.
 *
 * @param fold the number of the backtest's window, from 0; 0 if there is one
 * @param rows the rows
 * @param classes the classes that have probabilities; empty for a regression
 * @param predictions one number per row, or row after row the probabilities of the classes
 */
// Arrays for speed; held-out rows are not compared.
@SuppressWarnings("ArrayRecordComponent")
public record HeldOut(int fold, RowBlock rows, List<String> classes, double[] predictions) {}
