package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.OnnxVectors;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.beam.sdk.coders.MapCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Sends every stored model that comes with inputs and outputs through both general doors. */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
final class ConformanceTest {
  private static final String LOCALE = "Failed to construct locale";

  /** Parts of the messages by which models are refused, and how many are. */
  private static final Map<String, Integer> REFUSALS =
      Map.of(
          "Unsupported model IR version: 14, max supported IR version: 13",
          25,
          "is a sequence of tensor",
          10,
          "is a value that may be absent, a sequence of tensor",
          2,
          "Opset 27 is under development",
          2,
          "Could not find an implementation for Pow(15)",
          2,
          LOCALE,
          4);

  /** Its stored outputs are those of another runtime, which pads where ONNX does not. */
  private static final List<String> OTHER_MEANING = List.of("qtdnn_10x5_101_i32_biases");

  /** How many models have tensors alone, all with the same number of rows. */
  private static final int WITH_ROWS = 92;

  private static List<OnnxVectors.Case> cases() throws IOException {
    return OnnxVectors.in(Path.of(System.getenv("SHEAF_DATA"), "onnx")).stream()
        .filter(vector -> !OTHER_MEANING.contains(vector.name()))
        .toList();
  }

  @Test
  void everyModelPassesAsElementsOrIsRefusedForAKnownReason() throws IOException {
    Map<String, Integer> refusals = new TreeMap<>();
    int passed = 0;
    List<OnnxVectors.Case> cases = cases();
    for (OnnxVectors.Case vector : cases) {
      try {
        vector.check(asElement(vector));
        passed++;
      } catch (RuntimeException e) {
        refusals.merge(reason(vector, e), 1, Integer::sum);
      }
    }
    // A machine that has the locale en_US refuses four less.
    refusals.putIfAbsent(LOCALE, 4);
    assertEquals(new TreeMap<>(REFUSALS), refusals);
    int refused = refusals.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(passed >= cases.size() - refused, passed + " of " + cases.size() + " passed");
  }

  private static Map<String, OnnxOutput> asElement(OnnxVectors.Case vector) {
    Map<String, Tensor> tensors = vector.takesTensors() ? vector.tensors() : Map.of();
    OneBundle<PredictionResult<Map<String, Tensor>, Map<String, OnnxOutput>>> run =
        OneBundle.of(
            MapCoder.of(StringUtf8Coder.of(), TensorCoder.of()),
            List.of(tensors),
            RunInference.onElements(OnnxModel.at(vector.model().toString()))
                    .withBatching(Batching.eachAlone())
                ::withBadRecordErrorHandler);
    if (run.results().isEmpty()) {
      throw new IllegalStateException(run.reasons().toString());
    }
    return run.results().get(0).inference();
  }

  private static String reason(OnnxVectors.Case vector, RuntimeException failure) {
    StringBuilder messages = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      messages.append(cause.getMessage()).append('\n');
    }
    return REFUSALS.keySet().stream()
        .filter(known -> messages.indexOf(known) >= 0)
        .findFirst()
        .orElseThrow(() -> new AssertionError(vector.name() + ": " + messages, failure));
  }

  @Test
  void everyModelWithARowPerResultPassesAsRows() throws IOException {
    int passed = 0;
    List<String> tried = new ArrayList<>();
    Map<String, Integer> refusals = new TreeMap<>();
    for (OnnxVectors.Case vector : cases()) {
      Optional<Integer> rows = rows(vector);
      if (rows.isEmpty()) {
        continue;
      }
      tried.add(vector.name());
      try {
        vector.check(asRows(vector, rows.get()));
        passed++;
      } catch (RuntimeException e) {
        refusals.merge(reason(vector, e), 1, Integer::sum);
      }
    }
    int refused = refusals.values().stream().mapToInt(Integer::intValue).sum();
    assertEquals(tried.size(), passed + refused);
    assertEquals(WITH_ROWS, tried.size());
  }

  /** The rows that all inputs and outputs have; empty if there are none, or other values. */
  private static Optional<Integer> rows(OnnxVectors.Case vector) {
    List<OnnxOutput> all = new ArrayList<>(vector.inputs().values());
    all.addAll(vector.outputs().values());
    long rows = -1;
    for (OnnxOutput value : all) {
      if (!(value instanceof OnnxOutput.OfTensor of)
          || of.tensor().rank() == 0
          || of.tensor().elements() == 0
          || (rows >= 0 && of.tensor().dimension(0) != rows)) {
        return Optional.empty();
      }
      rows = of.tensor().dimension(0);
    }
    return vector.inputs().isEmpty() || vector.outputs().isEmpty()
        ? Optional.empty()
        : Optional.of((int) rows);
  }

  /** A column of arrays for each input, and one for each output. */
  private static Map<String, OnnxOutput> asRows(OnnxVectors.Case vector, int rows) {
    Schema.Builder builder = Schema.builder().addInt32Field("ROW_NUMBER");
    InferRows inference =
        RunInference.onRows(OnnxModel.at(vector.model().toString())).convertingNumbers();
    int column = 0;
    List<Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, Tensor> input : vector.tensors().entrySet()) {
      String name = "IN" + column++;
      Tensor tensor = input.getValue();
      tensors.add(tensor);
      builder.addArrayField(name, columnOf(tensor.type()));
      long[] shape = Arrays.copyOfRange(tensor.shape(), 1, tensor.rank());
      inference = inference.withArrayInput(input.getKey(), name, shape);
    }
    Schema schema = builder.build();
    List<Row> table = new ArrayList<>();
    List<TensorElements> elements = tensors.stream().map(TensorElements::of).toList();
    for (int r = 0; r < rows; r++) {
      Row.Builder row = Row.withSchema(schema).addValue(r);
      for (int t = 0; t < tensors.size(); t++) {
        int width = tensors.get(t).elements() / rows;
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < width; i++) {
          values.add(elements.get(t).get(r * width + i, columnOf(tensors.get(t).type())));
        }
        row.addArray(values);
      }
      table.add(row.build());
    }
    OneBundle<Row> run =
        OneBundle.of(RowCoder.of(schema), table, inference::withBadRecordErrorHandler);
    if (run.results().size() != rows) {
      throw new IllegalStateException(run.reasons().toString());
    }
    return outputs(vector, run.results());
  }

  private static FieldType columnOf(TensorType type) {
    return FieldType.of(TensorElements.columnsFor(type).iterator().next());
  }

  private static Map<String, OnnxOutput> outputs(OnnxVectors.Case vector, List<Row> results) {
    List<Row> sorted =
        results.stream().sorted(Comparator.comparing(r -> r.getInt32("ROW_NUMBER"))).toList();
    Map<String, OnnxOutput> outputs = new TreeMap<>();
    vector
        .outputs()
        .forEach(
            (name, expected) -> {
              List<Object> values = new ArrayList<>();
              String column = results.get(0).getSchema().hasField(name) ? name : only(results);
              sorted.forEach(row -> flatten(row.getValue(column), values));
              outputs.put(name, new OnnxOutput.OfTensor(tensor(values, expected.tensor())));
            });
    return outputs;
  }

  /** The column of the only output. */
  private static String only(List<Row> results) {
    return results.get(0).getSchema().getFieldNames().stream()
        .filter(name -> !name.startsWith("IN"))
        .filter(name -> !List.of("ROW_NUMBER", "MODEL_ID", "LAYER", "SCORED_AT").contains(name))
        .findFirst()
        .orElseThrow();
  }

  private static void flatten(Object value, List<Object> into) {
    if (value instanceof Iterable<?> list) {
      list.forEach(element -> flatten(element, into));
    } else {
      into.add(value);
    }
  }

  /** Values of columns as a tensor of the type and shape that is expected. */
  private static Tensor tensor(List<Object> values, Tensor expected) {
    if (expected.type() == TensorType.STRING) {
      return Tensor.of(values.toArray(new String[0]), expected.shape());
    } else if (expected.type() == TensorType.BOOL) {
      boolean[] flags = new boolean[values.size()];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = (Boolean) values.get(i);
      }
      return Tensor.of(flags, expected.shape());
    } else if (expected.type().isFloat()) {
      double[] numbers = values.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
      return Tensor.from(expected.type(), numbers, expected.shape());
    }
    long[] wholes = values.stream().mapToLong(v -> ((Number) v).longValue()).toArray();
    return Tensor.from(expected.type(), wholes, expected.shape());
  }
}
