package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.CallLimitException;
import dev.sheaf.models.onnx.MixedRowsFailure;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Gathers elements that can share a call of one model, and scores them when there are enough.
 *
 * <p>A call that fails is halved until it does not, so that one bad element costs its neighbours
 * nothing but time; of calls that pass their time limit this is done {@link #SLOW_CALLS} times.
 */
final class Scorer<InT, PreparedT, OutT> {
  /** Elements and bytes that wait in a bundle before all are scored, however few are alike. */
  private static final int MOST_HELD = 100_000;

  private static final long MOST_BYTES_HELD = 64L << 20;

  /** Twice the halvings of the largest usual batch: one or two slow elements are found. */
  private static final int SLOW_CALLS = 26;

  private final Door<InT, OutT> door;
  private final TensorSession session;
  private final Translator<InT, PreparedT, OutT> translator;
  private final Batching batching;
  private final InferenceMetrics metrics;
  private final LongSupplier nanos;
  private final Map<Integer, BatchSizer> sizers = new HashMap<>();
  private Map<Likeness, Gathered<InT, PreparedT>> gathered = new LinkedHashMap<>();

  /** The one that the last element went to, which the next one mostly goes to. */
  private @Nullable Gathered<InT, PreparedT> last;

  private int held;
  private long bytesHeld;
  private @Nullable PreparedT sample;

  /** Elements of one likeness and length bucket can share a call. */
  private record Likeness(Object shapes, int bucket) {}

  /** An element, its inputs, and where its result belongs. */
  private record Waiting<InT, PreparedT>(
      InT element, PreparedT prepared, long bytes, Instant timestamp, BoundedWindow window) {}

  /** Elements that will share calls. */
  private static final class Gathered<InT, PreparedT> {
    private final Likeness likeness;
    private final BatchSizer sizer;
    private List<Waiting<InT, PreparedT>> elements = new ArrayList<>();
    private long weight;

    Gathered(Likeness likeness, BatchSizer sizer) {
      this.likeness = likeness;
      this.sizer = sizer;
    }
  }

  /** One batch on its way through a model, and how many of its calls were too slow. */
  private static final class Attempt {
    private int slowCalls;
  }

  Scorer(
      Door<InT, OutT> door,
      TensorSession session,
      Translator<InT, PreparedT, OutT> translator,
      InferSettings settings,
      InferenceMetrics metrics,
      LongSupplier nanos) {
    this.door = door;
    this.session = session;
    this.translator = translator;
    this.batching = settings.batching();
    this.metrics = metrics;
    this.nanos = nanos;
  }

  /** Takes an element; where that makes a batch full, scores it. */
  void add(InT element, Instant timestamp, BoundedWindow window, Outlet<OutT> out)
      throws BadRowException {
    PreparedT prepared;
    Gathered<InT, PreparedT> group;
    long weight;
    try {
      prepared = translator.prepare(element);
      int bucket =
          batching.hasBuckets() ? batching.bucketOf(translator.length(element, prepared)) : 0;
      group = group(translator.likeness(prepared), bucket);
      weight = translator.weight(element, prepared);
    } catch (Exception e) {
      refuse(element, timestamp, window, refusal("", e), out);
      return;
    }
    if (!group.elements.isEmpty() && group.weight + weight > batching.maximumWeight()) {
      score(group, out);
    }
    long bytes = translator.byteSize(prepared);
    group.elements.add(new Waiting<>(element, prepared, bytes, timestamp, window));
    group.weight += weight;
    held++;
    bytesHeld += bytes;
    if (group.elements.size() >= group.sizer.size() || group.weight >= batching.maximumWeight()) {
      score(group, out);
    } else if (held >= MOST_HELD || bytesHeld >= MOST_BYTES_HELD) {
      flush(out);
    }
  }

  /** Scores whatever has been gathered. */
  void flush(Outlet<OutT> out) throws BadRowException {
    Map<Likeness, Gathered<InT, PreparedT>> all = gathered;
    gathered = new LinkedHashMap<>();
    last = null;
    for (Gathered<InT, PreparedT> group : all.values()) {
      score(group, out);
    }
  }

  /** Forgets what a bundle that failed has left. */
  void clear() {
    gathered = new LinkedHashMap<>();
    last = null;
    held = 0;
    bytesHeld = 0;
  }

  /**
   * The inputs of an element that was scored, to try another model with; empty if there is none.
   */
  Map<String, Tensor> sample() {
    PreparedT prepared = sample;
    return prepared == null ? Map.of() : translator.assemble(List.of(prepared));
  }

  private Gathered<InT, PreparedT> group(Object shapes, int bucket) {
    Gathered<InT, PreparedT> group = last;
    if (group == null
        || group.likeness.bucket() != bucket
        || !group.likeness.shapes().equals(shapes)) {
      group =
          gathered.computeIfAbsent(
              new Likeness(shapes, bucket),
              likeness ->
                  new Gathered<>(
                      likeness,
                      sizers.computeIfAbsent(bucket, absent -> new BatchSizer(batching))));
      last = group;
    }
    return group;
  }

  private void score(Gathered<InT, PreparedT> group, Outlet<OutT> out) throws BadRowException {
    List<Waiting<InT, PreparedT>> batch = group.elements;
    group.elements = new ArrayList<>();
    group.weight = 0;
    held -= batch.size();
    for (Waiting<InT, PreparedT> waiting : batch) {
      bytesHeld -= waiting.bytes();
    }
    int most = Math.max(1, group.sizer.size());
    for (int from = 0; from < batch.size(); from += most) {
      int to = Math.min(batch.size(), from + most);
      predict(batch.subList(from, to), group.sizer, new Attempt(), out);
    }
  }

  private void predict(
      List<Waiting<InT, PreparedT>> batch, BatchSizer sizer, Attempt attempt, Outlet<OutT> out)
      throws BadRowException {
    if (batch.isEmpty()) {
      return;
    }
    Translator.Results<InT, OutT> results;
    try {
      results = call(batch, sizer);
    } catch (MixedRowsFailure e) {
      throw new IllegalStateException(
          "cannot score batches with the model "
              + session.id()
              + ": "
              + e.getMessage()
              + "; score such a model with Batching.eachAlone()",
          e);
    } catch (RuntimeException e) {
      metrics.failedBatches.inc();
      boolean hopeless = e instanceof CallLimitException && ++attempt.slowCalls > SLOW_CALLS;
      if (hopeless || batch.size() == 1) {
        refuseAll(batch, e, out);
        return;
      }
      int half = batch.size() / 2;
      predict(batch.subList(0, half), sizer, attempt, out);
      predict(batch.subList(half, batch.size()), sizer, attempt, out);
      return;
    }
    emit(batch, results, out);
  }

  private Translator.Results<InT, OutT> call(
      List<Waiting<InT, PreparedT>> batch, BatchSizer sizer) {
    List<PreparedT> prepared = new ArrayList<>(batch.size());
    for (Waiting<InT, PreparedT> waiting : batch) {
      prepared.add(waiting.prepared());
    }
    Map<String, Tensor> inputs = translator.assemble(prepared);
    long start = nanos.getAsLong();
    Map<String, OnnxOutput> outputs = translator.run(session, inputs);
    long took = nanos.getAsLong() - start;
    sizer.measured(batch.size(), took);
    metrics.batchLatency.record(took);
    metrics.inferences.inc(batch.size());
    metrics.batchSize.update(batch.size());
    metrics.batchByteSize.update(inputs.values().stream().mapToLong(Tensor::byteSize).sum());
    sample = prepared.get(0);
    return translator.results(outputs, prepared);
  }

  private void emit(
      List<Waiting<InT, PreparedT>> batch, Translator.Results<InT, OutT> results, Outlet<OutT> out)
      throws BadRowException {
    for (int i = 0; i < batch.size(); i++) {
      Waiting<InT, PreparedT> waiting = batch.get(i);
      OutT result;
      try {
        result = results.of(waiting.element(), i);
      } catch (Exception e) {
        refuse(waiting, refusal("", e), out);
        continue;
      }
      out.result(result, waiting.timestamp(), waiting.window());
    }
  }

  private void refuseAll(
      List<Waiting<InT, PreparedT>> batch, RuntimeException cause, Outlet<OutT> out)
      throws BadRowException {
    BadRowException reason = refusal("the model " + session.id() + ": ", cause);
    for (Waiting<InT, PreparedT> waiting : batch) {
      refuse(waiting, reason, out);
    }
  }

  private void refuse(Waiting<InT, PreparedT> waiting, BadRowException reason, Outlet<OutT> out)
      throws BadRowException {
    refuse(waiting.element(), waiting.timestamp(), waiting.window(), reason, out);
  }

  private void refuse(
      InT element,
      Instant timestamp,
      BoundedWindow window,
      BadRowException reason,
      Outlet<OutT> out)
      throws BadRowException {
    metrics.rowsRefused.inc();
    out.refused(door.record(element, reason), timestamp, window);
  }

  /** Why an element is refused, unless its thread was stopped, which no element is to blame for. */
  private static BadRowException refusal(String where, Exception cause) {
    if (Interrupts.stopped(cause)) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while elements were scored", cause);
    }
    if (where.isEmpty() && cause instanceof BadRowException bad) {
      return bad;
    }
    String message = cause.getMessage();
    return new BadRowException(where + (message == null ? cause.toString() : message), cause);
  }
}
