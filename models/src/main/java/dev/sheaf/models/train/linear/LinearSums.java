package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.RowSums;
import dev.sheaf.models.train.TrainingException;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * Moments over the rows, or no more than which column has too many categories to keep apart: once
 * that is so, it stays so, whatever is added.
 */
final class LinearSums implements RowSums {
  /** How many categories of a column are kept apart, at most. */
  static final int MAXIMUM_CATEGORIES = 1000;

  static final int NO_COLUMN = -1;

  private final Columns layout;
  private final long rows;

  /** Over all rows; over none if a column has too many categories. */
  private final Moments moments;

  /** The column with too many categories, or -1. */
  private final int overfull;

  LinearSums(Columns layout, long rows, Moments moments, int overfull) {
    this.layout = layout;
    this.rows = rows;
    this.moments = moments;
    this.overfull = overfull;
  }

  static LinearSums none(Columns layout) {
    return new LinearSums(layout, 0, Moments.none(layout), NO_COLUMN);
  }

  private static LinearSums of(Columns layout, RowBlock block) {
    EncodedRows rows = layout.encode(block, Integer.MAX_VALUE);
    for (int c = 0; c < rows.categories().size(); c++) {
      if (rows.categories().get(c).found() > MAXIMUM_CATEGORIES) {
        return overfull(layout, block.rows(), c);
      }
    }
    return new LinearSums(layout, block.rows(), Moments.of(rows), NO_COLUMN);
  }

  private static LinearSums overfull(Columns layout, long rows, int column) {
    return new LinearSums(layout, rows, Moments.none(layout), column);
  }

  @Override
  public long rows() {
    return rows;
  }

  Columns layout() {
    return layout;
  }

  Moments moments() {
    return moments;
  }

  int overfull() {
    return overfull;
  }

  @Override
  public LinearSums merge(RowSums other) {
    if (!(other instanceof LinearSums that) || !layout.schema().equals(that.layout.schema())) {
      throw new IllegalArgumentException(
          "cannot merge " + other + " with " + this + ": they must be sums of the same table");
    }
    long all = rows + that.rows;
    if (overfull != NO_COLUMN || that.overfull != NO_COLUMN) {
      int column = overfull == NO_COLUMN ? that.overfull : overfull;
      return overfull(
          layout, all, that.overfull == NO_COLUMN ? column : Math.min(column, that.overfull));
    }
    for (int c = 0; c < layout.categories().size(); c++) {
      if (categories(c, that) > MAXIMUM_CATEGORIES) {
        return overfull(layout, all, c);
      }
    }
    return new LinearSums(layout, all, moments.merge(that.moments), NO_COLUMN);
  }

  /** How many categories of a column both have together. */
  private long categories(int column, LinearSums other) {
    List<Category> own = moments.flags().vocabularies().get(layout.source(column));
    List<Category> others = other.moments.flags().vocabularies().get(layout.source(column));
    if (own.size() + others.size() <= MAXIMUM_CATEGORIES) {
      return 0;
    }
    return Vocabularies.known(own)
        + others.stream()
            .filter(category -> !category.isMissing() && Vocabularies.place(own, category) < 0)
            .count();
  }

  @Override
  public LinearSums add(RowBlock block) {
    return merge(of(layout, block));
  }

  /** Refuses to fit where a column had too many categories. */
  void check() throws TrainingException {
    if (overfull != NO_COLUMN) {
      throw new TrainingException(
          "feature "
              + layout.categories().get(overfull).name()
              + " has "
              + (MAXIMUM_CATEGORIES + 1)
              + " categories or more: sums over rows keep at most "
              + MAXIMUM_CATEGORIES
              + " apart; bring the rows together instead, by TrainPerKey.gatheringRows() or --gatherRows",
          null);
    }
  }

  @Override
  public long byteSize() {
    return 40 + moments.byteSize();
  }

  @Override
  public void writeTo(DataOutput out) throws IOException {
    LinearSumsFormat.write(this, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearSums that
        && layout.schema().equals(that.layout.schema())
        && rows == that.rows
        && overfull == that.overfull
        && moments.equals(that.moments);
  }

  @Override
  public int hashCode() {
    return moments.hashCode();
  }

  @Override
  public String toString() {
    return "LinearSums(" + rows + " rows of " + layout.schema().featureNames() + ")";
  }
}
