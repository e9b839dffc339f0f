package dev.sheaf.models.features;

/**
 * Element-wise arithmetic on matrices of doubles: done at once ({@link ColumnArithmetic}) or
 * written as nodes of a graph ({@link GraphArithmetic}), so that one text of a computation holds
 * for both.
 *
 * <p>Every operation rounds as IEEE 754 says, so both give the same bits. Constants are one per
 * column; a matrix of one column meets several constants by being repeated.
 */
interface Arithmetic<M> {
  M add(M left, M right);

  M subtract(M left, M right);

  M add(M left, double[] right);

  M multiply(M left, double[] right);

  M divide(M left, double[] right);

  /** What is left of a division that rounds towards 0; of one by infinity, all. */
  M remainder(M left, double[] right);

  M floor(M matrix);

  M ceil(M matrix);
}
