package dev.sheaf.models.evaluate;

import dev.sheaf.models.table.RowBlock;
import java.io.Serializable;
import java.util.Optional;

/**
 * Which rows of a key are kept from training and used to judge its model.
 *
 * <p>Written as text: {@code none}, {@code fraction:0.2}, {@code last:DATE:0.2}, {@code
 * where:ORDER_YEAR>=2017}; {@code toString()} gives the text back. A column's name may be quoted as
 * {@code "x"} and a value as {@code 'x'}, with a quote inside written twice.
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

  /** Splits the rows of one key. */
  Split split(RowBlock canonicalRows);

  /** Parts training rows once more. */
  default Split splitAgain(RowBlock canonicalTrainingRows, double fraction) {
    return new Fraction(fraction).split(canonicalTrainingRows);
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
    public Split split(RowBlock canonicalRows) {
      return Holdouts.last(canonicalRows.orders(), fraction);
    }

    @Override
    public String toString() {
      return "last:" + Holdouts.quoteColumn(columnName) + ":" + fraction;
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
