package dev.sheaf.benchmarks;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.transforms.DoFn.OutputReceiver;
import org.apache.beam.sdk.transforms.reflect.DoFnInvoker;
import org.apache.beam.sdk.transforms.reflect.DoFnInvoker.BaseArgumentProvider;
import org.apache.beam.sdk.transforms.reflect.DoFnInvokers;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.OutputBuilder;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.WindowedValue;
import org.apache.beam.sdk.values.WindowedValues;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** One DoFn of a {@link Harness}, and the places that its outputs go to. */
final class Stage extends BaseArgumentProvider<Object, Object> implements MultiOutputReceiver {
  private final DoFn<Object, Object> fn;
  private final DoFnInvoker<Object, Object> invoker;
  private final TupleTag<?> mainOutput;
  private final Map<TupleTag<?>, Outlet> outlets = new HashMap<>();
  private final PipelineOptions options = PipelineOptionsFactory.create();
  private final DoFn<Object, Object>.FinishBundleContext atEnd;
  private final DoFn<Object, Object>.ProcessContext ofElement;
  private WindowedValue<Object> current = wrapped("nothing yet");

  // The element types are those of the graph, which Beam has checked.
  @SuppressWarnings("unchecked")
  Stage(DoFn<?, ?> fn, TupleTag<?> mainOutput) {
    this.fn = (DoFn<Object, Object>) SerializableUtils.clone(fn);
    this.invoker = DoFnInvokers.invokerFor(this.fn);
    this.mainOutput = mainOutput;
    this.atEnd = new AtEnd(this.fn);
    this.ofElement = new OfElement(this.fn);
  }

  /** An element as a source gives it: at no time, in the global window. */
  static WindowedValue<Object> wrapped(Object element) {
    return WindowedValues.of(
        element, BoundedWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE, PaneInfo.NO_FIRING);
  }

  void connect(TupleTag<?> tag, List<Stage> next, Consumer<Object> out) {
    outlets.put(tag, new Outlet(next, out));
  }

  void setup() {
    invoker.invokeSetup(this);
  }

  void startBundle() {
    invoker.invokeStartBundle(this);
  }

  void process(WindowedValue<Object> value) {
    WindowedValue<Object> before = current;
    current = value;
    invoker.invokeProcessElement(this);
    current = before;
  }

  void finishBundle() {
    invoker.invokeFinishBundle(this);
  }

  void teardown() {
    invoker.invokeTeardown();
  }

  private Outlet outlet(TupleTag<?> tag) {
    Outlet outlet = outlets.get(tag);
    if (outlet == null) {
      throw new IllegalArgumentException("no output is tagged " + tag);
    }
    return outlet;
  }

  /** Refuses a timestamp for results of the current element, as runners do and at their price. */
  @SuppressWarnings("deprecation") // Runners ask for it, too.
  private void check(Instant timestamp) {
    Instant first;
    try {
      first = current.getTimestamp().minus(fn.getAllowedTimestampSkew());
    } catch (ArithmeticException overflow) {
      first = BoundedWindow.TIMESTAMP_MIN_VALUE;
    }
    if (timestamp.isBefore(first) || timestamp.isAfter(BoundedWindow.TIMESTAMP_MAX_VALUE)) {
      throw new IllegalArgumentException(timestamp + " is not allowed: the first is " + first);
    }
  }

  /** Where one output goes. */
  private final class Outlet implements OutputReceiver<Object> {
    private final List<Stage> next;
    private final Consumer<Object> out;

    Outlet(List<Stage> next, Consumer<Object> out) {
      this.next = next;
      this.out = out;
    }

    @Override
    public OutputBuilder<Object> builder(Object value) {
      return WindowedValues.builder(current).withValue(value).setReceiver(this::deliverChecked);
    }

    private void deliverChecked(WindowedValue<Object> value) {
      check(value.getTimestamp());
      deliver(value);
    }

    void deliver(WindowedValue<Object> value) {
      if (next.isEmpty()) {
        out.accept(value.getValue());
      }
      for (Stage stage : next) {
        stage.process(value);
      }
    }
  }

  private final class AtEnd extends DoFn<Object, Object>.FinishBundleContext {
    AtEnd(DoFn<Object, Object> fn) {
      fn.super();
    }

    @Override
    public PipelineOptions getPipelineOptions() {
      return options;
    }

    @Override
    public void output(Object output, Instant timestamp, BoundedWindow window) {
      outlet(mainOutput).deliver(WindowedValues.of(output, timestamp, window, PaneInfo.NO_FIRING));
    }

    @Override
    public <T> void output(TupleTag<T> tag, T output, Instant timestamp, BoundedWindow window) {
      outlet(tag).deliver(WindowedValues.of(output, timestamp, window, PaneInfo.NO_FIRING));
    }
  }

  /** The older way to get at an element. */
  private final class OfElement extends DoFn<Object, Object>.ProcessContext {
    OfElement(DoFn<Object, Object> fn) {
      fn.super();
    }

    @Override
    public Object element() {
      return current.getValue();
    }

    @Override
    public Instant timestamp() {
      return current.getTimestamp();
    }

    @Override
    public PaneInfo pane() {
      return current.getPaneInfo();
    }

    @Override
    public @Nullable String currentRecordId() {
      return current.getRecordId();
    }

    @Override
    public @Nullable Long currentRecordOffset() {
      return current.getRecordOffset();
    }

    @Override
    public <T> T sideInput(PCollectionView<T> view) {
      throw new UnsupportedOperationException("there are no side inputs here: " + view);
    }

    @Override
    public PipelineOptions getPipelineOptions() {
      return options;
    }

    @Override
    public void output(Object output) {
      outlet(mainOutput).output(output);
    }

    @Override
    public void outputWithTimestamp(Object output, Instant timestamp) {
      outlet(mainOutput).outputWithTimestamp(output, timestamp);
    }

    @Override
    public void outputWindowedValue(
        Object output,
        Instant timestamp,
        Collection<? extends BoundedWindow> windows,
        PaneInfo pane) {
      outlet(mainOutput).outputWindowedValue(output, timestamp, windows, pane);
    }

    @Override
    public <T> void output(TupleTag<T> tag, T output) {
      outlet(tag).output(output);
    }

    @Override
    public <T> void outputWithTimestamp(TupleTag<T> tag, T output, Instant timestamp) {
      outlet(tag).outputWithTimestamp(output, timestamp);
    }

    @Override
    public <T> void outputWindowedValue(
        TupleTag<T> tag,
        T output,
        Instant timestamp,
        Collection<? extends BoundedWindow> windows,
        PaneInfo pane) {
      outlet(tag).outputWindowedValue(output, timestamp, windows, pane);
    }
  }

  @Override
  public DoFn<Object, Object>.ProcessContext processContext(DoFn<Object, Object> doFn) {
    return ofElement;
  }

  @Override
  public PipelineOptions pipelineOptions() {
    return options;
  }

  @Override
  public Object element(DoFn<Object, Object> doFn) {
    return current.getValue();
  }

  @Override
  public Instant timestamp(DoFn<Object, Object> doFn) {
    return current.getTimestamp();
  }

  @Override
  public BoundedWindow window() {
    return GlobalWindow.INSTANCE;
  }

  @Override
  public PaneInfo paneInfo(DoFn<Object, Object> doFn) {
    return current.getPaneInfo();
  }

  @Override
  public OutputReceiver<Object> outputReceiver(DoFn<Object, Object> doFn) {
    return outlet(mainOutput);
  }

  @Override
  // A row is an object.
  @SuppressWarnings("unchecked")
  public OutputReceiver<Row> outputRowReceiver(DoFn<Object, Object> doFn) {
    return (OutputReceiver<Row>) (OutputReceiver<?>) outlet(mainOutput);
  }

  @Override
  public MultiOutputReceiver taggedOutputReceiver(DoFn<Object, Object> doFn) {
    return this;
  }

  // The tag's type is that of the graph, which Beam has checked.
  @Override
  @SuppressWarnings("unchecked")
  public <T> OutputReceiver<T> get(TupleTag<T> tag) {
    return (OutputReceiver<T>) (OutputReceiver<?>) outlet(tag);
  }

  @Override
  // A row is an object.
  @SuppressWarnings("unchecked")
  public <T> OutputReceiver<Row> getRowReceiver(TupleTag<T> tag) {
    return (OutputReceiver<Row>) (OutputReceiver<?>) outlet(tag);
  }

  @Override
  public DoFn<Object, Object>.StartBundleContext startBundleContext(DoFn<Object, Object> doFn) {
    return fn.new StartBundleContext() {
      @Override
      public PipelineOptions getPipelineOptions() {
        return options;
      }
    };
  }

  @Override
  public DoFn<Object, Object>.FinishBundleContext finishBundleContext(DoFn<Object, Object> doFn) {
    return atEnd;
  }

  @Override
  public String getErrorContext() {
    return "benchmark";
  }
}
