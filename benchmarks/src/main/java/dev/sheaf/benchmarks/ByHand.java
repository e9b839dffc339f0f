package dev.sheaf.benchmarks;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * A plain loop in a DoFn written by hand for the models of one benchmark, with as little else as
 * possible: the fastest way from rows to predictions that was found here, not a bound of what is
 * possible.
 *
 * <p>It knows all keys from the start and the place and type of every column. It loads nothing,
 * keeps no times and windows, has no limit to the bytes it holds, refuses no row, counts nothing,
 * and every row says the same of its model.
 */
final class ByHand extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** Rows that wait for each other, few enough to stay in the processor's cache. */
  private static final int WAITING = 1024;

  /** Here for the DoFn's copy, which is made by serialization. */
  private static final AtomicReference<Models> MODELS = new AtomicReference<>();

  /** A loop that is open, and the numbers of its keys. */
  private record Models(PlainLoop loop, KeyNumbers numbers) {}

  /** Around a loop; only the last one that was made can run. */
  ByHand(PlainLoop loop, Map<String, Integer> index) {
    MODELS.set(new Models(loop, new KeyNumbers(index)));
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema output = AddColumns.schema(input.getSchema());
    return input.apply(ParDo.of(new LoopFn(output))).setRowSchema(output);
  }

  /** The numbers of keys of up to seven Latin letters, found by one look into an array. */
  private static final class KeyNumbers {
    private final long[] codes;
    private final int[] numbers;

    KeyNumbers(Map<String, Integer> index) {
      codes = new long[4 * Integer.highestOneBit(Math.max(1, index.size()))];
      numbers = new int[codes.length];
      index.forEach(
          (key, number) -> {
            int slot = slot(code(key));
            codes[slot] = code(key);
            numbers[slot] = number;
          });
    }

    private static long code(String key) {
      long code = key.length();
      for (int i = 0; i < key.length(); i++) {
        code = (code << Byte.SIZE) | key.charAt(i);
      }
      return code;
    }

    /** Where a code is, or would be. */
    private int slot(long code) {
      int slot = (int) ((code * 0x9E3779B97F4A7C15L) >>> 32) & (codes.length - 1);
      while (codes[slot] != code && codes[slot] != 0) {
        slot = (slot + 1) & (codes.length - 1);
      }
      return slot;
    }

    int of(String key) {
      return numbers[slot(code(key))];
    }
  }

  /** Rows that wait for each other. */
  private static final class Waiting {
    private final Models models = Objects.requireNonNull(MODELS.get());
    private final @Nullable Row[] rows = new Row[WAITING];
    private int size;

    /** Takes a row; true if there is room for no other. */
    boolean add(Row row) {
      rows[size++] = row;
      return size == WAITING;
    }

    /** Predicts all rows and forgets them. */
    void predict(Schema schema, Consumer<Row> out) throws OrtException {
      if (size == 0) {
        return;
      }
      PlainLoop loop = models.loop();
      for (int i = 0; i < size; i++) {
        List<@Nullable Object> values = Objects.requireNonNull(rows[i]).getValues();
        loop.putKey(i, models.numbers().of((String) Objects.requireNonNull(values.get(0))));
        for (int f = 0; f < MadeModels.FEATURES; f++) {
          Double value = (Double) values.get(f + 1);
          loop.put(i, f, value == null ? Double.NaN : value);
        }
      }
      loop.predict(size);
      for (int i = 0; i < size; i++) {
        out.accept(AddColumns.row(schema, Objects.requireNonNull(rows[i]), loop.prediction(i)));
      }
      size = 0;
    }
  }

  static final class LoopFn extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;
    private final Schema schema;

    private transient @Nullable Waiting waiting;

    LoopFn(Schema schema) {
      this.schema = schema;
    }

    @Setup
    public void setup() {
      waiting = new Waiting();
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) throws OrtException {
      if (waiting().add(row)) {
        waiting().predict(schema, out::output);
      }
    }

    @FinishBundle
    public void finishBundle(FinishBundleContext context) throws OrtException {
      waiting()
          .predict(
              schema,
              row -> context.output(row, BoundedWindow.TIMESTAMP_MIN_VALUE, GlobalWindow.INSTANCE));
    }

    private Waiting waiting() {
      return Objects.requireNonNull(waiting);
    }
  }
}
