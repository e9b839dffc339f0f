package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Makes columns tensors, and outputs columns. */
final class RowTranslator implements Translator<Row, InputReader.Elements[], Row> {
  private final List<InputReader> inputs;
  private final List<OutputColumns> outputs;
  private final Set<String> wanted;
  private final Schema schema;
  private final String modelId;
  private final String layer;
  private final Clock clock;

  /** Whether rows may differ in shape. */
  private final boolean hasArrays;

  RowTranslator(
      List<InputReader> inputs,
      List<OutputColumns> outputs,
      Schema schema,
      String modelId,
      String layer,
      Clock clock) {
    this.inputs = List.copyOf(inputs);
    this.hasArrays = inputs.stream().anyMatch(InputReader::isArray);
    this.outputs = List.copyOf(outputs);
    this.wanted = outputs.stream().map(OutputColumns::output).collect(Collectors.toSet());
    this.schema = schema;
    this.modelId = modelId;
    this.layer = layer;
    this.clock = clock;
  }

  @Override
  public InputReader.Elements[] prepare(Row row) throws Exception {
    InputReader.Elements[] read = new InputReader.Elements[inputs.size()];
    for (int i = 0; i < read.length; i++) {
      read[i] = inputs.get(i).read(row);
    }
    return read;
  }

  @Override
  public Object likeness(InputReader.Elements[] prepared) {
    if (!hasArrays) {
      return List.of();
    }
    List<List<Long>> shapes = new ArrayList<>(prepared.length);
    for (InputReader.Elements elements : prepared) {
      shapes.add(elements.shape());
    }
    return shapes;
  }

  @Override
  public long byteSize(InputReader.Elements[] prepared) {
    long bytes = 0;
    for (int i = 0; i < inputs.size(); i++) {
      bytes += inputs.get(i).byteSize(prepared[i]);
    }
    return bytes;
  }

  @Override
  public long weight(Row row, InputReader.Elements[] prepared) {
    return byteSize(prepared);
  }

  @Override
  public long length(Row row, InputReader.Elements[] prepared) {
    long longest = 0;
    for (InputReader.Elements elements : prepared) {
      for (long dimension : elements.shape()) {
        longest = Math.max(longest, dimension);
      }
    }
    return longest;
  }

  @Override
  public Map<String, Tensor> assemble(List<InputReader.Elements[]> rows) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      batch.put(inputs.get(i).input(), inputs.get(i).tensor(rows, i));
    }
    return batch;
  }

  @Override
  public Map<String, OnnxOutput> run(TensorSession session, Map<String, Tensor> inputs) {
    return session.runRows(inputs, wanted);
  }

  @Override
  public Results<Row, Row> results(
      Map<String, OnnxOutput> given, List<InputReader.Elements[]> rows) {
    List<OutputColumns.Values> values = new ArrayList<>(outputs.size());
    for (OutputColumns output : outputs) {
      OnnxOutput all = given.get(output.output());
      if (all == null) {
        throw new IllegalStateException("the model gave no output '" + output.output() + "'");
      }
      values.add(output.of(all, rows.size()));
    }
    java.time.Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return (row, place) -> {
      @Nullable Object[] columns = Predictions.copy(row, schema);
      int next = row.getFieldCount();
      for (int i = 0; i < values.size(); i++) {
        values.get(i).write(columns, next, place);
        next += outputs.get(i).width();
      }
      columns[next] = modelId;
      columns[next + 1] = layer;
      columns[next + 2] = now;
      return Row.withSchema(schema).attachValues(Arrays.asList(columns));
    };
  }
}
