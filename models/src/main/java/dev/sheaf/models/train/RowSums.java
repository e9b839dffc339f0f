package dev.sheaf.models.train;

import dev.sheaf.models.table.RowBlock;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What a {@link SummingTrainer} needs to know of some rows, in a size that does not grow with their
 * number.
 *
 * <p>Immutable. Sums of parts merge into the sums of the whole in any order, equal but for the
 * rounding of floating point numbers.
 */
public interface RowSums {
  /** The number of rows summed. */
  long rows();

  /** The sums with those of other rows of the same table. */
  RowSums merge(RowSums other);

  /** The sums with some more rows; rows with texts by their own dictionaries. */
  RowSums add(RowBlock rows);

  /** About how many bytes they take in memory. */
  long byteSize();

  /** Writes what {@link SummingTrainer#readSums} reads. */
  void writeTo(DataOutput out) throws IOException;
}
