package dev.sheaf.models.train.linear;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Finds the minimum of a convex function: L-BFGS (Nocedal 1980, two-loop recursion) with a line
 * search that goes by the slope. Near the minimum values differ by less than they are rounded by,
 * slopes do not.
 */
final class Lbfgs {
  private static final int MEMORY = 12;
  private static final int MAXIMUM_TRIALS = 60;

  /** The part of the slope at the start that may be left where a line search ends. */
  private static final double SLOPE_LEFT = 0.9;

  /** A function and its gradient. */
  interface Function {
    /** The value at a point, filling in the gradient there. */
    double at(double[] point, double[] gradient);
  }

  /** A move and how the gradient changed by it. */
  private static final class Move {
    final double[] step;
    final double[] change;
    final double product;

    Move(double[] step, double[] change) {
      this.step = step;
      this.change = change;
      this.product = dot(step, change);
    }
  }

  private final Function function;
  private final Deque<Move> moves = new ArrayDeque<>();
  private double[] point;
  private double[] gradient;
  private double value;

  Lbfgs(Function function, double[] start) {
    this.function = function;
    this.point = start.clone();
    this.gradient = new double[start.length];
    this.value = function.at(point, gradient);
  }

  double[] point() {
    return point;
  }

  double value() {
    return value;
  }

  /** The largest component of the gradient, by size. */
  double slope() {
    double largest = 0;
    for (double component : gradient) {
      // Math.max hands a NaN on.
      largest = Math.max(largest, Math.abs(component));
    }
    return largest;
  }

  /** Takes one step; false if none could be found. */
  boolean step() {
    double[] direction = direction();
    double slope = dot(direction, gradient);
    if (!(slope < 0)) {
      return false;
    }
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double length = moves.isEmpty() ? Math.min(1, 1 / slope()) : 1;
    double[] next = new double[point.length];
    double[] nextGradient = new double[point.length];
    for (int trial = 0; trial < MAXIMUM_TRIALS; trial++) {
      for (int i = 0; i < next.length; i++) {
        next[i] = point[i] + length * direction[i];
      }
      double nextValue = function.at(next, nextGradient);
      double nextSlope = dot(direction, nextGradient);
      if (nextSlope < SLOPE_LEFT * slope) {
        low = length;
      } else if (nextSlope <= 0 || (nextValue <= value && nextSlope <= -SLOPE_LEFT * slope)) {
        move(next, nextGradient, nextValue);
        return true;
      } else {
        // Also where the value is not a number.
        high = length;
      }
      length = high < Double.POSITIVE_INFINITY ? (low + high) / 2 : 2 * length;
    }
    return false;
  }

  private void move(double[] next, double[] nextGradient, double nextValue) {
    double[] step = new double[next.length];
    double[] change = new double[next.length];
    for (int i = 0; i < next.length; i++) {
      step[i] = next[i] - point[i];
      change[i] = nextGradient[i] - gradient[i];
    }
    Move move = new Move(step, change);
    if (move.product > 0) {
      moves.addFirst(move);
      if (moves.size() > MEMORY) {
        moves.removeLast();
      }
    }
    point = next;
    gradient = nextGradient;
    value = nextValue;
  }

  private double[] direction() {
    double[] direction = gradient.clone();
    double[] parts = new double[moves.size()];
    int m = 0;
    for (Move move : moves) {
      parts[m] = dot(move.step, direction) / move.product;
      add(direction, -parts[m++], move.change);
    }
    Move latest = moves.peekFirst();
    if (latest != null) {
      double scale = latest.product / dot(latest.change, latest.change);
      for (int i = 0; i < direction.length; i++) {
        direction[i] *= scale;
      }
    }
    for (Iterator<Move> oldest = moves.descendingIterator(); oldest.hasNext(); ) {
      Move move = oldest.next();
      double part = dot(move.change, direction) / move.product;
      add(direction, parts[--m] - part, move.step);
    }
    for (int i = 0; i < direction.length; i++) {
      direction[i] = -direction[i];
    }
    return direction;
  }

  private static void add(double[] to, double factor, double[] summand) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * summand[i];
    }
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
