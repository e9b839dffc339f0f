package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.RowSample;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.VersionWriter;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeySums;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.RowLimit;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.WindowFn;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Packs the rows of a bundle into one page per group of keys: primitive columns, of which no more
 * than the limit of a key's rows are shuffled, or sums over them.
 */
final class PackRows extends DoFn<Row, KV<Integer, byte[]>> {
  private static final long serialVersionUID = 1L;

  /** What is shuffled. */
  enum Form {
    /** The rows. */
    ROWS,
    /** Sums over them. */
    SUMS
  }

  private final Counter rowsRead = Metrics.counter(TrainPerKey.class, "rows_read");
  private final Counter rowsRefused = Metrics.counter(TrainPerKey.class, "rows_refused");
  private final RowReader reader;
  private final KeyTrainer trainer;
  private final Form form;
  private final boolean global;
  private final int keyGroups;
  private final BadRows badRows;
  private final int rowsHeld;

  /** The time from window to window where they overlap; else null. */
  private final @Nullable Duration step;

  private transient Map<BoundedWindow, MixedRows> windows = new HashMap<>();
  private transient RowReader.Buffer buffer;
  private transient TableSchema schema;

  private transient int held;

  /** Told to the counter once a bundle. */
  private transient int read;

  /**
   * @param rowsHeld rows kept in memory before their blocks are emitted
   * @param windows those of the rows
   */
  PackRows(
      RowReader reader,
      KeyTrainer trainer,
      Form form,
      Settings settings,
      BadRows badRows,
      int rowsHeld,
      WindowFn<?, ?> windows) {
    this.reader = reader;
    this.trainer = trainer;
    this.form = form;
    this.global = settings.global;
    this.keyGroups = settings.keyGroups;
    this.badRows = badRows;
    this.rowsHeld = rowsHeld;
    this.step = windows instanceof SlidingWindows sliding ? sliding.getPeriod() : null;
    this.buffer = reader.buffer();
    this.schema = trainer.schema();
  }

  @Setup
  public void setup() {
    buffer = reader.buffer();
    schema = trainer.schema();
  }

  @StartBundle
  public void start() {
    windows = new HashMap<>();
    held = 0;
    read = 0;
  }

  @ProcessElement
  public void process(
      @Element Row row, @Timestamp Instant timestamp, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    read++;
    try {
      add(row, window);
    } catch (BadRowException refusal) {
      if (!isFirst(window, timestamp)) {
        return; // It is told of in the first of its windows.
      }
      rowsRefused.inc();
      BadRecord record = badRows.record(row, refusal);
      out.get(BadRecordRouter.BAD_RECORD_TAG).output(record);
      return;
    }
    if (held >= rowsHeld) {
      pages(
          Objects.requireNonNull(windows.remove(window)),
          (group, page) -> out.get(TrainPerKey.PAGES).output(KV.of(group, page)));
    }
  }

  /** Whether no window of an element ends before this one. */
  private boolean isFirst(BoundedWindow window, Instant timestamp) {
    return step == null || window.maxTimestamp().minus(step).isBefore(timestamp);
  }

  private void add(Row row, BoundedWindow window) throws BadRowException {
    String key = reader.key(row);
    reader.read(row, key, buffer);
    MixedRows rows = windows.get(window);
    if (rows == null) {
      EndingWindows.checkEnd(window);
      rows = new MixedRows(schema);
      windows.put(window, rows);
    }
    rows.add(buffer);
    rows.assign(key);
    for (String group : reader.groups(row)) {
      rows.assign(group);
    }
    if (global) {
      rows.assign(ModelScope.global().storeKey());
    }
    held++;
  }

  /** Emits a window's rows, page by page. */
  private void pages(MixedRows rows, BiConsumer<Integer, byte[]> out) {
    Map<Integer, KeyPages.Writer> pages = new HashMap<>();
    held -= rows.rows();
    rows.forEachKey(
        (key, block) -> {
          KeyPages.Writer page =
              pages.computeIfAbsent(
                  VersionWriter.shardOf(key, keyGroups), group -> new KeyPages.Writer());
          if (form == Form.SUMS) {
            page.add(key, block.rows(), KeySums.none(trainer).add(block)::writeTo);
          } else {
            page.add(key, block.rows(), limited(block)::writeTo);
          }
        });
    pages.forEach((group, page) -> out.accept(group, page.toBytes()));
  }

  /** What of a block may be among the rows of a key that are trained on. */
  private RowBlock limited(RowBlock block) {
    RowLimit limit = trainer.rowLimit();
    return block.rows() > limit.rows() && limit.overflow() == RowLimit.Overflow.SAMPLE
        ? RowSample.of((int) limit.rows(), limit.seed()).add(block).rows()
        : block;
  }

  @FinishBundle
  public void finish(FinishBundleContext context) {
    windows.forEach(
        (window, rows) ->
            pages(
                rows,
                (group, page) ->
                    context.output(
                        TrainPerKey.PAGES, KV.of(group, page), window.maxTimestamp(), window)));
    windows = new HashMap<>();
    rowsRead.inc(read);
  }
}
