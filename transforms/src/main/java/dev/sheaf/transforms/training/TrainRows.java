package dev.sheaf.transforms.training;

import dev.sheaf.models.store.CandidateModel;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.KV;

/**
 * Trains the keys of one group from their rows, the small ones first, so that a large one holds up
 * none of them; what goes wrong with a key ends in its report.
 *
 * <p>Keys are grouped by a hash and not by themselves: after a grouping some runners make a bundle
 * of every key, and each step that follows would pay for thousands of bundles of one element.
 */
final class TrainRows extends DoFn<KV<Integer, Iterable<byte[]>>, CandidateModel> {
  private static final long serialVersionUID = 1L;

  private final KeyWork work;

  TrainRows(KeyWork work) {
    this.work = work;
  }

  @Setup
  public void setup() {
    work.open();
  }

  @Teardown
  public void teardown() {
    work.close();
  }

  @StartBundle
  public void startBundle() {
    work.begin();
  }

  @FinishBundle
  public void finishBundle() {
    work.flush();
  }

  @ProcessElement
  public void process(
      @Element KV<Integer, Iterable<byte[]>> group, BoundedWindow window, MultiOutputReceiver out)
      throws IOException {
    Map<String, KeyRows> keys = new HashMap<>();
    for (byte[] page : group.getValue()) {
      KeyPages.visit(
          page,
          (key, seen, bytes, from, length) ->
              keys.computeIfAbsent(key, k -> new KeyRows(work.trainer().rowLimit()))
                  .add(seen, bytes, from, length));
    }
    List<Map.Entry<String, KeyRows>> smallFirst =
        keys.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<String, KeyRows> e) -> e.getValue().bytes())
                    .thenComparing(Map.Entry::getKey))
            .toList();
    keys.clear();
    for (Map.Entry<String, KeyRows> entry : smallFirst) {
      KeyRows rows = entry.getValue();
      work.emit(work.trainings().train(entry.getKey(), rows.blocks(), rows.seen()), window, out);
    }
  }
}
