package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.failure.BadRowException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thread's buffers for a template, and the rows that go through them: of any of its models
 * where it mixes them, else of one at a time.
 */
final class TemplateLane extends Lane implements AutoCloseable {
  private final SharedTemplate template;
  private final TemplateRows buffers;
  private final Answers answers;

  private TemplateLane(
      SharedTemplate template, Inputs inputs, Intake intake, @Nullable Duration callLimit) {
    super(inputs, intake);
    this.template = template;
    this.buffers = new TemplateRows(template.session(), intake.capacity(), callLimit);
    this.answers = new Answers(intake.capacity(), template.session().classes());
  }

  /**
   * Takes part in a template.
   *
   * @throws IllegalStateException if it is closed: whoever calls must use one of its models
   */
  static TemplateLane open(
      SharedTemplate template, Inputs inputs, Intake intake, @Nullable Duration callLimit) {
    if (!template.retain()) {
      throw new IllegalStateException("a template is closed while one of its models is in use");
    }
    return new TemplateLane(template, inputs, intake, callLimit);
  }

  SharedTemplate template() {
    return template;
  }

  TemplateRows buffers() {
    return buffers;
  }

  @Override
  boolean readsAhead() {
    return inputs().areNumbers() && buffers.takesNumbersAlone();
  }

  @Override
  boolean readUnknown(@Nullable Object[] row, int at) {
    return inputs().readAhead(row, buffers, at);
  }

  @Override
  int bytesAt(int at) {
    return inputs().numberBytes();
  }

  @Override
  int readKnown(@Nullable Object[] row, int at, int place) throws BadRowException {
    Intake intake = intake();
    return inputs().read(row, buffers, at, intake.models(), intake.modelPlace(place));
  }

  @Override
  void giveModels(int rows) {
    Intake intake = intake();
    NearModels near = intake.models();
    if (!template.isMixed()) {
      buffers.weights(0, near.weights(intake.modelPlace(heldAt(0))));
      return;
    }
    for (int row = 0; row < rows; row++) {
      near.give(intake.modelPlace(heldAt(row)), buffers, at(row));
    }
  }

  @Override
  boolean isCheap() {
    return template.isMixed();
  }

  @Override
  void move(int from, int to) {
    buffers.move(from, to);
  }

  @Override
  void predictAt(int first, int count, Answers into) {
    buffers.predict(first, count, into.values());
  }

  @Override
  Answers answers() {
    return answers;
  }

  @Override
  public ChosenModel model(int row) {
    return intake().models().chosen(intake().modelPlace(heldAt(row)));
  }

  @Override
  public void tell(int row, @Nullable Object[] columns, int from) {
    intake().models().tell(intake().modelPlace(heldAt(row)), columns, from);
  }

  @Override
  public List<String> classes() {
    return template.session().classes();
  }

  @Override
  public void close() {
    buffers.close();
    template.release();
  }
}
