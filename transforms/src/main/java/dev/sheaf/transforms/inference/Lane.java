package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.failure.BadRowException;
import java.time.Duration;
import java.util.List;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * One thread's buffers for a template, and the rows of an intake, of any of its models, that go
 * through them with one call.
 *
 * <p>Each step is done for all rows before the next, as {@link Intake} tells.
 */
final class Lane implements Call, AutoCloseable {
  private final SharedTemplate template;
  private final Inputs inputs;
  private final Intake intake;
  private final TemplateRows buffers;
  private final Answers answers;

  /** Places in the intake of the rows that are expected; then of those whose values were read. */
  private final int[] places;

  private int size;
  private int readSize;
  private long bytes;

  /**
   * Rows of the intake whose values lie in the buffers already, each at its place in the intake.
   */
  private final boolean[] readAhead;

  /** Whether there are any. */
  private boolean ahead;

  /** Whether rows lie in the buffers at their places in the intake, else one after another. */
  private boolean spread;

  private Lane(
      SharedTemplate template, Inputs inputs, Intake intake, @Nullable Duration callLimit) {
    this.template = template;
    this.inputs = inputs;
    this.intake = intake;
    this.places = new int[intake.capacity()];
    this.buffers = new TemplateRows(template.session(), places.length, callLimit);
    this.readAhead = new boolean[places.length];
    this.answers = new Answers(places.length, template.session().classes());
  }

  /**
   * Takes part in a template.
   *
   * @throws IllegalStateException if it is closed: whoever calls must use one of its models
   */
  static Lane open(
      SharedTemplate template, Inputs inputs, Intake intake, @Nullable Duration callLimit) {
    if (!template.retain()) {
      throw new IllegalStateException("a template is closed while one of its models is in use");
    }
    return new Lane(template, inputs, intake, callLimit);
  }

  SharedTemplate template() {
    return template;
  }

  TemplateRows buffers() {
    return buffers;
  }

  /** Whether {@link #readAhead} may be of use. */
  boolean readsAhead() {
    return template.isMixed() && inputs.areNumbers() && buffers.takesNumbersAlone();
  }

  /** Reads the values of a row that is coming into the intake and may be for this lane. */
  void readAhead(Row row, int place) {
    ahead = true;
    readAhead[place] = inputs.readAhead(row, buffers, place);
  }

  /** Adds a row of the intake, whose model has a place there. */
  void expect(int place) {
    places[size++] = place;
  }

  /** Begins to read; gives how many rows are expected. */
  int begin() {
    readSize = 0;
    bytes = 0;
    // Where rows lie apart, what is between them is scored as well.
    spread = ahead && intake.usual() == this && 2 * size > intake.rows().size();
    return size;
  }

  /** The place in the intake of a row that is expected and is not read. */
  int expected(int number) {
    return places[number];
  }

  /** Reads the values of an expected row, one after another; it is left out if that fails. */
  void read(int number) throws BadRowException {
    int place = places[number];
    bytes +=
        spread && readAhead[place]
            ? inputs.numberBytes()
            : inputs.read(
                intake.rows().row(place),
                buffers,
                spread ? place : readSize,
                intake.models(),
                intake.modelPlace(place));
    places[readSize++] = place;
  }

  /** Gives the rows that were read their models, so that they can be predicted; how many. */
  int choose() {
    NearModels near = intake.models();
    for (int row = 0; row < readSize; row++) {
      near.give(intake.modelPlace(places[row]), buffers, spread ? places[row] : row);
    }
    return readSize;
  }

  /** Expects no rows, and has read none ahead. */
  void clear() {
    size = 0;
    ahead = false;
  }

  @Override
  public HeldRows rows() {
    return intake.rows();
  }

  @Override
  public int heldAt(int row) {
    return places[row];
  }

  @Override
  public ChosenModel model(int row) {
    return intake.models().chosen(intake.modelPlace(places[row]));
  }

  @Override
  public void tell(int row, @Nullable Object[] columns, int from) {
    intake.models().tell(intake.modelPlace(places[row]), columns, from);
  }

  @Override
  public List<String> classes() {
    return template.session().classes();
  }

  /** Room for the answers of a call. */
  Answers answers() {
    return answers;
  }

  @Override
  public void predict(int from, int count, Answers into) {
    if (!spread) {
      buffers.predict(from, count, into.values());
      return;
    }
    int first = from == 0 && count > 1 ? 0 : places[from];
    int behind = places[from + count - 1] + 1;
    buffers.predict(first, behind - first, into.values());
    if (count < behind - first) {
      for (int i = 0; i < count; i++) {
        into.move(places[from + i] - first, i);
      }
    }
  }

  /** Of a part of the rows the average. */
  @Override
  public long byteSize(int from, int count) {
    return bytes * count / readSize;
  }

  @Override
  public void close() {
    buffers.close();
    template.release();
  }
}
