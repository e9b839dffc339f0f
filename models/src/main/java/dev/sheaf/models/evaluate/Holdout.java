package dev.sheaf.models.evaluate;

import dev.sheaf.models.table.RowBlock;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Which rows of a key are kept from training and used to judge its model.
 *
 * <p>Written as text: {@code none}, {@code fraction:0.2}, {@code last:DATE:0.2}, {@code
 * rolling:DATE:3:0.1}, {@code where:ORDER_YEAR>=2017}; {@code toString()} gives the text back. A
 * column's name may be quoted as {@code "x"} and a value as {@code 'x'}, with a quote inside
 * written twice.
 *
 * <p>A split depends on the rows alone, never on how they were spread or when they arrived: give it
 * rows in {@linkplain RowBlock#canonical() canonical order}.
 */
public sealed interface Holdout extends Serializable {
  /** No row is held out: every row is trained on and there are no metrics. */
  static Holdout none() {
    return new None();
  }

  /** A part of the rows, chosen by their hash. */
  static Holdout fraction(double fraction) {
    return new Fraction(fraction);
  }

  /** The part of each key's rows that is last by a column. */
  static Holdout last(String column, double fraction) {
    return new Last(column, fraction);
  }

  /**
   * A backtest: consecutive windows of each key's last rows by a column, each judged by a model
   * trained on all rows before it; see {@link Rolling}.
   */
  static Holdout rolling(String column, int folds, double fraction) {
    return new Rolling(column, folds, fraction);
  }

  /** The rows for which a comparison holds. */
  static Holdout where(String column, Comparison comparison, String value) {
    return new Where(column, comparison, value);
  }

  /**
   * Reads a holdout from its text.
   *
   * @throws IllegalArgumentException if the text is none of the forms; the message names the text
   *     and the forms
   */
  static Holdout parse(String text) {
    return new HoldoutParser(text).parse();
  }

  /** The column that must be read beside features and label, if the holdout needs one. */
  Optional<String> column();

  /**
   * Whether rows are held out by their order, so that {@link RowBlock#orders()} must hold {@link
   * RowOrder#orderOf} of the column.
   */
  default boolean isByOrder() {
    return false;
  }

  /** Splits the rows of one key. */
  Split split(RowBlock canonicalRows);

  /**
   * Splits the rows of one key once per model to be judged: a backtest has several, any other
   * holdout one.
   *
   * @return at least one, in the order of time; the last is {@link #split}, and only that one may
   *     have no row held out
   */
  default List<Split> splits(RowBlock canonicalRows) {
    return List.of(split(canonicalRows));
  }

  /**
   * Splits the rows that {@link #split} left for training a second time, for early stopping or for
   * choosing among families.
   *
   * <p>Of {@code n} rows the last {@code ceil(fraction * n)} by the column are held out where this
   * holdout is {@linkplain #isByOrder() by order}; otherwise as many by the rows' hashes, salted,
   * so that the choice has nothing to do with that of {@link #split}. Equal values, and equal
   * hashes, are on one side, and at the boundary they are trained on. Since rows are chosen by
   * rank, the rows left may be split again, and again.
   *
   * @param fraction above 0 and below 1
   */
  default Split splitAgain(RowBlock canonicalTrainingRows, double fraction) {
    Holdouts.checkFraction(fraction);
    return isByOrder()
        ? Holdouts.last(canonicalTrainingRows.orders(), fraction)
        : Holdouts.lastBySaltedHash(canonicalTrainingRows.hashes(), fraction);
  }

  /** No row is held out. */
  record None() implements Holdout {
    @Override
    public Optional<String> column() {
      return Optional.empty();
    }

    @Override
    public Split split(RowBlock canonicalRows) {
      return Split.of(canonicalRows.rows(), row -> false);
    }

    @Override
    public String toString() {
      return "none";
    }
  }

  /**
   * The rows whose hash, mixed and scaled to [0, 1), is below the fraction: about that part of the
   * rows, the same rows in every run, and rows with equal hashes on the same side.
   *
   * @param fraction above 0 and below 1
   */
  record Fraction(double fraction) implements Holdout {
    public Fraction {
      Holdouts.checkFraction(fraction);
    }

    @Override
    public Optional<String> column() {
      return Optional.empty();
    }

    @Override
    public Split split(RowBlock canonicalRows) {
      long[] hashes = canonicalRows.hashes();
      return Split.of(hashes.length, row -> Holdouts.unit(hashes[row]) < fraction);
    }

    @Override
    public String toString() {
      return "fraction:" + fraction;
    }
  }

  /**
   * Of each key's {@code n} rows, the last {@code ceil(fraction * n)} by the column.
   *
   * <p>Rows with equal values go to the same side. Where the boundary falls among equal values they
   * are all trained on, so that never more rows are held out than asked for; a key whose rows all
   * have one value has no holdout. A missing value comes first. {@link RowBlock#orders()} must hold
   * {@link RowOrder#orderOf} of the column.
   *
   * @param columnName the column, named as in the table
   * @param fraction above 0 and below 1
   */
  record Last(String columnName, double fraction) implements Holdout {
    public Last {
      Holdouts.checkColumn(columnName);
      Holdouts.checkFraction(fraction);
    }

    @Override
    public Optional<String> column() {
      return Optional.of(columnName);
    }

    @Override
    public boolean isByOrder() {
      return true;
    }

    @Override
    public Split split(RowBlock canonicalRows) {
      return Holdouts.last(canonicalRows.orders(), fraction);
    }

    @Override
    public String toString() {
      return "last:" + Holdouts.quoteColumn(columnName) + ":" + fraction;
    }
  }

  /**
   * A backtest with a rolling origin: of each key's {@code n} rows by the column, consecutive
   * windows of {@code ceil(fraction * n)} at the end, each judged by a model trained on every row
   * before it.
   *
   * <p>{@link #split} is the last window's split, the same as {@link Last}'s; {@link #splits} has
   * all, the earliest first. The last fold always belongs to them; an earlier one is left out where
   * it would have no row to train on or none to judge by, because the key has too few rows.
   *
   * <p>Rows with equal values are in the same window. Where a boundary falls among equal values,
   * they are all before it, as with {@link Last}: so an earlier window may grow by the values equal
   * to its last. A missing value comes first. {@link RowBlock#orders()} must hold {@link
   * RowOrder#orderOf} of the column.
   *
   * @param columnName the column, named as in the table
   * @param folds the number of windows, at least 1
   * @param fraction the part of the rows in each window, above 0; below 1 for all windows together
   */
  record Rolling(String columnName, int folds, double fraction) implements Holdout {
    public Rolling {
      Holdouts.checkColumn(columnName);
      Holdouts.checkFolds(folds, fraction);
    }

    @Override
    public Optional<String> column() {
      return Optional.of(columnName);
    }

    @Override
    public boolean isByOrder() {
      return true;
    }

    @Override
    public Split split(RowBlock canonicalRows) {
      return Holdouts.last(canonicalRows.orders(), fraction);
    }

    @Override
    public List<Split> splits(RowBlock canonicalRows) {
      return Holdouts.rolling(canonicalRows.orders(), folds, fraction);
    }

    @Override
    public String toString() {
      return "rolling:" + Holdouts.quoteColumn(columnName) + ":" + folds + ":" + fraction;
    }
  }

  /**
   * The rows for which a comparison of a column with a literal holds, see {@link RowPredicate}; a
   * missing value never matches. {@link RowBlock#orders()} must be 1 for these rows.
   *
   * @param columnName the column, named as in the table
   * @param comparison how its value is compared with the literal
   * @param value the literal as it was written, without quotes
   */
  record Where(String columnName, Comparison comparison, String value) implements Holdout {
    public Where {
      Holdouts.checkColumn(columnName);
    }

    @Override
    public Optional<String> column() {
      return Optional.of(columnName);
    }

    @Override
    public Split split(RowBlock canonicalRows) {
      long[] orders = canonicalRows.orders();
      return Split.of(orders.length, row -> orders[row] == 1);
    }

    @Override
    public String toString() {
      return "where:"
          + Holdouts.quoteColumn(columnName)
          + comparison.symbol()
          + Holdouts.quoteValue(value);
    }
  }
}
