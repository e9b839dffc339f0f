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
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;

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

  /** What a key costs at least: so many rows a builder has room for from the start. */
  private static final int ROWS_OF_A_KEY = 16;

  private final Counter rowsRead = Metrics.counter(TrainPerKey.class, "rows_read");
  private final Counter rowsRefused = Metrics.counter(TrainPerKey.class, "rows_refused");
  private final RowReader reader;
  private final KeyTrainer trainer;
  private final Form form;
  private final boolean global;
  private final int keyGroups;
  private final BadRows badRows;
  private final int rowsHeld;

  private transient Map<BoundedWindow, Map<String, RowBlock.Builder>> windows = new HashMap<>();
  private transient RowReader.Buffer buffer;
  private transient TableSchema schema;

  /** Rows, and for each key the rows that its builder has room for from the start. */
  private transient int held;

  /**
   * @param rowsHeld rows kept in memory before their blocks are emitted
   */
  PackRows(
      RowReader reader,
      KeyTrainer trainer,
      Form form,
      Settings settings,
      BadRows badRows,
      int rowsHeld) {
    this.reader = reader;
    this.trainer = trainer;
    this.form = form;
    this.global = settings.global;
    this.keyGroups = settings.keyGroups;
    this.badRows = badRows;
    this.rowsHeld = rowsHeld;
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
      pages(
          Objects.requireNonNull(windows.remove(window)),
          (group, page) -> out.get(TrainPerKey.PAGES).output(KV.of(group, page)));
    }
  }

  private void add(Row row, BoundedWindow window) throws BadRowException {
    String key = reader.key(row);
    reader.read(row, key, buffer);
    Map<String, RowBlock.Builder> keys = windows.computeIfAbsent(window, w -> new HashMap<>());
    append(keys, key);
    for (String group : reader.groups(row)) {
      append(keys, group);
    }
    if (global) {
      append(keys, ModelScope.global().storeKey());
    }
  }

  private void append(Map<String, RowBlock.Builder> keys, String key) {
    RowBlock.Builder builder = keys.computeIfAbsent(key, k -> RowBlock.builder(schema));
    int before = room(builder);
    buffer.appendTo(builder);
    held += room(builder) - before;
  }

  private static int room(RowBlock.Builder builder) {
    int rows = builder.rows();
    return rows == 0 ? 0 : Math.max(ROWS_OF_A_KEY, rows);
  }

  /** Emits a window's blocks, page by page; {@code held} goes down by their room. */
  private void pages(Map<String, RowBlock.Builder> keys, BiConsumer<Integer, byte[]> out) {
    Map<Integer, KeyPages.Writer> pages = new HashMap<>();
    keys.forEach(
        (key, builder) -> {
          held -= room(builder);
          KeyPages.Writer page =
              pages.computeIfAbsent(
                  VersionWriter.shardOf(key, keyGroups), group -> new KeyPages.Writer());
          RowBlock block = builder.build();
          if (form == Form.SUMS) {
            KeySums sums = KeySums.none(trainer).add(block);
            page.add(key, block.rows(), sums::writeTo);
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
        (window, keys) ->
            pages(
                keys,
                (group, page) ->
                    context.output(
                        TrainPerKey.PAGES, KV.of(group, page), window.maxTimestamp(), window)));
    windows = new HashMap<>();
  }
}
