package dev.sheaf.benchmarks;

import ai.onnxruntime.OrtException;
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
 * A plain loop in a DoFn written by hand for the models of one benchmark, with little else: what
 * one may expect of a DoFn from rows to predictions, not a bound of what is possible.
 *
 * <p>It knows all keys from the start and the place of every column. It loads nothing, keeps no
 * times and windows, refuses no row, counts nothing, and every row says the same of its model.
 */
final class ByHand extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** Rows that wait for each other, few enough to stay in the processor's cache. */
  private static final int WAITING = 1024;

  /** Here for the DoFn's copy, which is made by serialization. */
  private static final AtomicReference<Models> MODELS = new AtomicReference<>();

  /** A loop that is open, and the numbers of its keys. */
  private record Models(PlainLoop loop, Map<String, Integer> index) {}

  /** Around a loop; only the last one that was made can run. */
  ByHand(PlainLoop loop, Map<String, Integer> index) {
    MODELS.set(new Models(loop, index));
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema output = AddColumns.schema(input.getSchema());
    return input.apply(ParDo.of(new LoopFn(output))).setRowSchema(output);
  }

  /** Rows whose values are read. */
  private static final class Waiting {
    private final Models models = Objects.requireNonNull(MODELS.get());
    private final @Nullable Row[] rows = new Row[WAITING];
    private final int[] keys = new int[WAITING];
    private final double[][] columns = new double[MadeModels.FEATURES][WAITING];
    private int size;

    /** Takes a row; true if there is room for no other. */
    boolean add(Row row) {
      keys[size] = Objects.requireNonNull(models.index().get(row.getValue(0)));
      for (int f = 0; f < columns.length; f++) {
        Double value = row.getValue(f + 1);
        columns[f][size] = value == null ? Double.NaN : value;
      }
      rows[size++] = row;
      return size == WAITING;
    }

    /** Predicts all rows and forgets them. */
    void predict(Schema schema, Consumer<Row> out) throws OrtException {
      if (size == 0) {
        return;
      }
      double sum = models.loop().predict(keys, columns, 0, size);
      if (Double.isNaN(sum)) {
        throw new IllegalStateException("a model predicted no number");
      }
      for (int i = 0; i < size; i++) {
        Row row = Objects.requireNonNull(rows[i]);
        out.accept(AddColumns.row(schema, row, models.loop().prediction(i)));
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
