package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.failure.BadRowException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One thread's buffers for a template, and the rows of any of its models that wait in them. */
final class Lane implements Call, AutoCloseable {
  /** Bytes of rows that wait before they are scored, however few they are; estimated. */
  private static final long MOST_BYTES_HELD = 4L << 20;

  private final SharedTemplate template;
  private final Inputs inputs;
  private final TemplateRows buffers;
  private final HeldRows rows = new HeldRows();
  private final @Nullable ChosenModel[] models;

  /** What predictions say of each row's model, row after row. */
  private final @Nullable Object[] told;

  private final Answers answers;
  private long bytes;

  private Lane(SharedTemplate template, Inputs inputs, int capacity, @Nullable Duration callLimit) {
    this.template = template;
    this.inputs = inputs;
    this.buffers = new TemplateRows(template.session(), capacity, callLimit);
    this.models = new ChosenModel[capacity];
    this.told = new Object[ChosenModel.COLUMNS * capacity];
    this.answers = new Answers(capacity, template.session().classes());
  }

  /**
   * Takes part in a template.
   *
   * @throws IllegalStateException if it is closed: whoever calls must use one of its models
   */
  static Lane open(
      SharedTemplate template, Inputs inputs, int capacity, @Nullable Duration callLimit) {
    if (!template.retain()) {
      throw new IllegalStateException("a template is closed while one of its models is in use");
    }
    return new Lane(template, inputs, capacity, callLimit);
  }

  SharedTemplate template() {
    return template;
  }

  TemplateRows buffers() {
    return buffers;
  }

  /** Adds a row of a model, unless its values cannot be read; there must be room. */
  void add(HeldRows others, int other, ChosenModel model, ModelWeights weights)
      throws BadRowException {
    int place = read(others, other, weights);
    buffers.weights(place, weights);
    models[place] = model;
    model.tell(told, ChosenModel.COLUMNS * place);
  }

  /** The same, of a model that is near. */
  void add(HeldRows others, int other, NearModels near, int model) throws BadRowException {
    int place = read(others, other, near.weights(model));
    near.setWeights(model, buffers, place);
    models[place] = near.chosen(model);
    near.tell(model, told, ChosenModel.COLUMNS * place);
  }

  private int read(HeldRows others, int other, ModelWeights weights) throws BadRowException {
    int place = rows.size();
    bytes += inputs.read(others.row(other), buffers, place, weights);
    rows.add(others, other);
    return place;
  }

  boolean isFull() {
    return rows.size() == buffers.capacity() || rows.byteSize() >= MOST_BYTES_HELD;
  }

  /** Forgets the rows. */
  void clear() {
    rows.clear();
    bytes = 0;
  }

  @Override
  public HeldRows rows() {
    return rows;
  }

  @Override
  public ChosenModel model(int place) {
    return Objects.requireNonNull(models[place]);
  }

  @Override
  public void tell(int place, @Nullable Object[] columns, int from) {
    System.arraycopy(told, ChosenModel.COLUMNS * place, columns, from, ChosenModel.COLUMNS);
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
    buffers.predict(from, count, into.values());
  }

  /** Of a part of the rows the average. */
  @Override
  public long byteSize(int from, int count) {
    return bytes * count / rows.size();
  }

  @Override
  public void close() {
    buffers.close();
    template.release();
  }
}
