package dev.sheaf.benchmarks;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.RunInference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * One way into inference that can be driven without a runner.
 *
 * @param name what a table calls it
 * @param harness makes its DoFns, which give a consumer what they put out
 * @param elements what it takes, of made-up rows
 * @param out adds up what it predicts
 */
record Door<T>(
    String name,
    Function<Consumer<Object>, Harness<T>> harness,
    Function<ScoringRows, List<T>> elements,
    Supplier<OutputSum> out) {
  static final Schema SCHEMA = ScoringRows.schema(MadeModels.FEATURES);

  /** Rows and a store of models. */
  static Door<Row> ofStore(ModelStore store) {
    return ofRows(
        "DoFn of RunInference.with(store)", RunInference.with(store.champion()).keyedBy("K"));
  }

  /** No inference: rows with as many columns more. */
  static Door<Row> adding() {
    return ofRows("DoFn that adds as many columns and predicts nothing", new AddColumns());
  }

  /** A plain loop in a DoFn made for nothing else. */
  static Door<Row> byHand(PlainLoop loop, Map<String, Integer> index) {
    return ofRows("DoFn by hand around the plain loop", new ByHand(loop, index));
  }

  private static Door<Row> ofRows(
      String name, PTransform<PCollection<Row>, PCollection<Row>> transform) {
    return new Door<>(
        name,
        out -> Harness.ofRows(SCHEMA, rows -> rows.apply(transform), out),
        made -> made.rows(SCHEMA),
        () -> OutputSum.ofRows(MadeModels.FEATURES + 1));
  }

  /** Rows whose columns are the one input of a model. */
  static Door<Row> ofColumns(byte[] matrixModel) {
    String[] columns =
        IntStream.range(0, MadeModels.FEATURES).mapToObj(f -> "F" + f).toArray(String[]::new);
    return ofRows(
        "DoFn of RunInference.onRows(model)",
        RunInference.onRows(OnnxModel.ofBytes(matrixModel))
            .withInput(MatrixModel.INPUT, columns)
            .withOutput("prediction", "PREDICTION"));
  }

  /** Arrays of doubles, each a row of the one input of a model. */
  static Door<double[]> ofElements(byte[] matrixModel) {
    var transform =
        RunInference.onElements(OnnxModel.ofBytes(matrixModel))
            .withPreProcessing(
                (double[] values) -> Map.of(MatrixModel.INPUT, Tensor.of(values, 1, values.length)))
            .withPostProcessing(
                TypeDescriptors.doubles(),
                outputs -> Objects.requireNonNull(outputs.get("prediction")).tensor().doubles()[0]);
    return new Door<>(
        "DoFn of RunInference.onElements(model), arrays of doubles",
        out ->
            Harness.of(SerializableCoder.of(double[].class), input -> input.apply(transform), out),
        ScoringRows::elements,
        OutputSum::ofResults);
  }
}
