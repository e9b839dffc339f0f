package dev.sheaf.transforms.training;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.train.KeySums;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.KV;

/** Trains the keys of one group from sums over their rows. */
final class TrainSums extends DoFn<KV<Integer, byte[]>, CandidateModel> {
  private static final long serialVersionUID = 1L;

  private final KeyWork work;

  TrainSums(KeyWork work) {
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
      @Element KV<Integer, byte[]> group, BoundedWindow window, MultiOutputReceiver out) {
    Map<String, KeySums> keys = new TreeMap<>(MergeSums.read(work.trainer(), group.getValue()));
    keys.forEach((key, sums) -> work.emit(work.trainings().train(key, sums), window, out));
  }
}
