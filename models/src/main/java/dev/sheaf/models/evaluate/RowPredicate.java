package dev.sheaf.models.evaluate;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The comparison of {@link Holdout.Where}, compiled for the kind of its column.
 *
 * <p>Values compare as what they are: numbers as numbers, dates as dates, text by code points. A
 * double compares with the double nearest to the literal, so that {@code PRICE=0.1} finds 0.1. A
 * date and time or point in time compares with a literal that is a date as with the start of that
 * day, and a literal without a zone is taken in UTC.
 */
public final class RowPredicate implements Serializable {
  private final Holdout.Where where;
  private final ColumnKind kind;
  private final Literal literal;

  private RowPredicate(Holdout.Where where, ColumnKind kind, Literal literal) {
    this.where = where;
    this.kind = kind;
    this.literal = literal;
  }

  /**
   * Prepares the comparison.
   *
   * @throws IllegalArgumentException if the literal cannot be compared with such a column
   */
  public static RowPredicate compile(Holdout.Where where, ColumnKind kind) {
    try {
      return new RowPredicate(
          where, kind, Literal.parse(where.value().strip(), where.value(), kind));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cannot hold out by '"
              + where
              + "': column "
              + where.columnName()
              + " holds "
              + kind
              + ", and '"
              + where.value()
              + "' is not "
              + kind.description(),
          e);
    }
  }

  /**
   * Whether the row is held out.
   *
   * @param value the column's value: null or NaN, which never match, or a value of one of the
   *     classes of the column's kind
   * @throws IllegalArgumentException if the value is of another class
   */
  public boolean test(@Nullable Object value) {
    if (value == null
        || (value instanceof Double number && number.isNaN())
        || (value instanceof Float real && real.isNaN())) {
      return false;
    }
    return where.comparison().holds(literal.compare(value));
  }

  @Override
  public String toString() {
    return where + " on " + kind;
  }
}
