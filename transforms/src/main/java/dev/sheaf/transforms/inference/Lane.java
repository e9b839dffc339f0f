package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an intake that go through one call, from where they are, and the values that were
 * read for it; of one thread.
 *
 * <p>Each step is done for all rows before the next, as {@link Intake} tells.
 */
abstract class Lane implements Call {
  private final Inputs inputs;
  private final Intake intake;

  /** Places in the intake of the rows that are expected; then of those whose values were read. */
  private final int[] places;

  private int size;
  private int readSize;
  private long bytes;

  /** Rows of the intake whose values were read already, each at its place in the intake. */
  private final boolean[] readAhead;

  /** Whether there are any. */
  private boolean ahead;

  /** Whether values lie at their rows' places in the intake, else one after another. */
  private boolean spread;

  Lane(Inputs inputs, Intake intake) {
    this.inputs = inputs;
    this.intake = intake;
    this.places = new int[intake.capacity()];
    this.readAhead = new boolean[places.length];
  }

  final Inputs inputs() {
    return inputs;
  }

  final Intake intake() {
    return intake;
  }

  /** Whether {@link #readAhead} may be of use. */
  abstract boolean readsAhead();

  /**
   * Reads the values of a row whose model is not known yet; false if that cannot be done, whatever
   * the reason, and nothing of meaning is at the place.
   */
  abstract boolean readUnknown(@Nullable Object[] row, int at);

  /** The bytes that {@link #readUnknown} has read, as {@link #readKnown} counts them. */
  abstract int bytesAt(int at);

  /**
   * Reads the values of a row of the intake; they are whole only if nothing is thrown.
   *
   * @param at where they go
   * @param place of the row in the intake
   * @return the bytes read: eight for a number, two for a character
   */
  abstract int readKnown(@Nullable Object[] row, int at, int place) throws BadRowException;

  /** Tells, when the values of so many rows are read, which models they are for. */
  abstract void giveModels(int rows);

  /** Whether a row costs so little that those between the lane's own may be scored as well. */
  abstract boolean isCheap();

  /** Moves the values of a row to a place before it. */
  abstract void move(int from, int to);

  /** Predicts what lies at some places. */
  abstract void predictAt(int first, int count, Answers into);

  /** Room for the answers of a call. */
  abstract Answers answers();

  /** Reads the values of a row that is coming into the intake and may be for this lane. */
  final void readAhead(@Nullable Object[] row, int place) {
    ahead = true;
    readAhead[place] = readUnknown(row, place);
  }

  /** Adds a row of the intake. */
  final void expect(int place) {
    places[size++] = place;
  }

  /** Begins to read; gives how many rows are expected. */
  final int begin() {
    readSize = 0;
    bytes = 0;
    spread = ahead && intake.usual() == this && 2 * size > intake.rows().size();
    return size;
  }

  /** The place in the intake of a row that is expected and is not read. */
  final int expected(int number) {
    return places[number];
  }

  /** Reads the values of an expected row, one after another; it is left out if that fails. */
  final void read(int number) throws BadRowException {
    int place = places[number];
    bytes +=
        spread && readAhead[place]
            ? bytesAt(place)
            : readKnown(intake.columns(place), spread ? place : readSize, place);
    places[readSize++] = place;
  }

  /** To be called when all are read, so that they can be predicted; how many were. */
  final int choose() {
    if (spread && !isCheap()) {
      for (int row = 0; row < readSize; row++) {
        if (places[row] > row) {
          move(places[row], row);
        }
      }
      spread = false;
    }
    if (readSize > 0) {
      giveModels(readSize);
    }
    return readSize;
  }

  /** Where the values of a row lie that was read. */
  final int at(int row) {
    return spread ? places[row] : row;
  }

  /** Expects no rows, and has read none ahead. */
  final void clear() {
    size = 0;
    ahead = false;
  }

  @Override
  public final HeldRows rows() {
    return intake.rows();
  }

  @Override
  public final int heldAt(int row) {
    return places[row];
  }

  @Override
  public final void predict(int from, int count, Answers into) {
    if (!spread) {
      predictAt(from, count, into);
      return;
    }
    int first = from == 0 && count > 1 ? 0 : places[from];
    int behind = places[from + count - 1] + 1;
    predictAt(first, behind - first, into);
    if (count < behind - first) {
      for (int i = 0; i < count; i++) {
        into.move(places[from + i] - first, i);
      }
    }
  }

  /** Of a part of the rows the average. */
  @Override
  public final long byteSize(int from, int count) {
    return bytes * count / readSize;
  }
}
