package dev.sheaf.transforms.training;

import dev.sheaf.models.table.RowBlock;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import java.util.HashMap;
import java.util.Map;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;

/**
 * Packs the rows of a bundle into one block of primitive columns per key, so that blocks and not
 * rows are shuffled.
 */
final class PackRows extends DoFn<Row, KV<String, RowBlock>> {
  private static final long serialVersionUID = 1L;

  private final Counter rowsRead = Metrics.counter(TrainPerKey.class, "rows_read");
  private final Counter rowsRefused = Metrics.counter(TrainPerKey.class, "rows_refused");
  private final RowReader reader;
  private final BadRows badRows;
  private final int rowsHeld;

  private transient Map<BoundedWindow, Map<String, RowBlock.Builder>> windows = new HashMap<>();
  private transient double[] features = new double[0];
  private transient int held;

  /**
   * @param rowsHeld rows kept in memory before their blocks are emitted
   */
  PackRows(RowReader reader, BadRows badRows, int rowsHeld) {
    this.reader = reader;
    this.badRows = badRows;
    this.rowsHeld = rowsHeld;
  }

  @StartBundle
  public void start() {
    windows = new HashMap<>();
    features = new double[reader.featureCount()];
    held = 0;
  }

  @ProcessElement
  public void process(@Element Row row, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    rowsRead.inc();
    try {
      add(row, window);
    } catch (BadRowException refusal) {
      rowsRefused.inc();
      BadRecord record = badRows.record(row, refusal);
      out.get(BadRecordRouter.BAD_RECORD_TAG).output(record);
      return;
    }
    if (held >= rowsHeld) {
      Map<String, RowBlock.Builder> blocks = windows.remove(window);
      if (blocks != null) {
        blocks.forEach(
            (key, block) -> {
              held -= block.rows();
              out.get(TrainPerKey.BLOCKS).output(KV.of(key, block.build()));
            });
      }
    }
  }

  private void add(Row row, BoundedWindow window) throws BadRowException {
    String key = reader.key(row);
    double label = reader.label(row);
    reader.features(row, features);
    long hash = reader.hash(key, label, features);
    windows
        .computeIfAbsent(window, w -> new HashMap<>())
        .computeIfAbsent(key, k -> RowBlock.builder(reader.featureCount()))
        .append(features, label, hash, reader.order(row));
    held++;
  }

  @FinishBundle
  public void finish(FinishBundleContext context) {
    windows.forEach(
        (window, blocks) ->
            blocks.forEach(
                (key, block) ->
                    context.output(
                        TrainPerKey.BLOCKS,
                        KV.of(key, block.build()),
                        window.maxTimestamp(),
                        window)));
    windows = new HashMap<>();
  }
}
