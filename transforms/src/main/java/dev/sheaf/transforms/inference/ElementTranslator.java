package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.models.onnx.TensorSpec;
import dev.sheaf.models.onnx.TensorType;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts the tensors of examples together row by row, and takes the outputs apart the same way. */
final class ElementTranslator<InT, ExampleT, InferenceT, OutT>
    implements Translator<InT, ElementTranslator.Example, OutT> {
  private final ElementDoor.Envelope<InT, ExampleT, InferenceT, OutT> envelope;
  private final InferElements.Functions<ExampleT, InferenceT> functions;
  private final boolean alone;
  private final String modelId;
  private final Map<String, Tensor> padding = new HashMap<>();

  /** Those of the example that came last, which the next one's mostly equal. */
  private List<Form> lastForms = List.of();

  /** The tensors of one example, and how many rows each has. */
  record Example(Map<String, Tensor> inputs, int rows, List<Form> forms, long byteSize) {}

  /** What the tensors of an input must have in common to be put together. */
  record Form(String input, TensorType type, List<Long> dimensions) {}

  /**
   * Translates for one model.
   *
   * @param alone whether each example has a call of its own
   */
  ElementTranslator(
      ElementDoor.Envelope<InT, ExampleT, InferenceT, OutT> envelope,
      InferElements.Functions<ExampleT, InferenceT> functions,
      boolean alone,
      String modelId) {
    this.envelope = envelope;
    this.functions = functions;
    this.alone = alone;
    this.modelId = modelId;
    functions.padding().forEach((input, value) -> padding.put(input, value.value()));
  }

  @Override
  public Example prepare(InT element) throws Exception {
    Map<String, Tensor> inputs;
    try {
      inputs = new TreeMap<>(functions.preProcessing().apply(envelope.example(element)));
    } catch (Exception e) {
      throw new BadRowException("pre-processing failed: " + e, e);
    }
    long bytes = 0;
    for (Tensor tensor : inputs.values()) {
      bytes += tensor.byteSize();
    }
    return alone
        ? new Example(inputs, 1, List.of(), bytes)
        : new Example(inputs, rows(inputs), forms(inputs), bytes);
  }

  private static int rows(Map<String, Tensor> inputs) throws BadRowException {
    long rows = -1;
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      Tensor tensor = input.getValue();
      if (tensor.rank() == 0 || (rows >= 0 && tensor.dimension(0) != rows)) {
        throw new BadRowException(
            "pre-processing gave tensors that cannot go into a batch: all of an example must have"
                + " the same first dimension, its rows, found "
                + inputs
                + "; score such examples with Batching.eachAlone()");
      }
      rows = tensor.dimension(0);
    }
    return (int) Math.max(rows, 0);
  }

  private List<Form> forms(Map<String, Tensor> inputs) {
    if (!areForms(lastForms, inputs)) {
      List<Form> forms = new ArrayList<>(inputs.size());
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        Tensor tensor = input.getValue();
        long[] dimensions = Arrays.copyOfRange(tensor.shape(), 1, tensor.rank());
        if (isPadded(input.getKey(), tensor)) {
          Arrays.fill(dimensions, TensorSpec.DYNAMIC);
        }
        forms.add(
            new Form(input.getKey(), tensor.type(), Arrays.stream(dimensions).boxed().toList()));
      }
      lastForms = forms;
    }
    return lastForms;
  }

  private boolean areForms(List<Form> forms, Map<String, Tensor> inputs) {
    if (forms.size() != inputs.size()) {
      return false;
    }
    int place = 0;
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      if (!isForm(forms.get(place++), input.getKey(), input.getValue())) {
        return false;
      }
    }
    return true;
  }

  private boolean isForm(Form form, String input, Tensor tensor) {
    List<Long> dimensions = form.dimensions();
    boolean fits =
        form.type() == tensor.type()
            && dimensions.size() == tensor.rank() - 1
            && form.input().equals(input);
    boolean padded = isPadded(input, tensor);
    for (int i = 0; fits && i < dimensions.size(); i++) {
      fits = dimensions.get(i) == (padded ? TensorSpec.DYNAMIC : tensor.dimension(i + 1));
    }
    return fits;
  }

  private boolean isPadded(String input, Tensor tensor) {
    Tensor filler = padding.get(input);
    return filler != null && filler.type() == tensor.type();
  }

  @Override
  public Object likeness(Example prepared) {
    return prepared.forms();
  }

  @Override
  public long byteSize(Example prepared) {
    return prepared.byteSize();
  }

  @Override
  public long weight(InT element, Example prepared) {
    InferElements.Measure<ExampleT> weight = functions.weight();
    return weight == null ? prepared.byteSize() : weight.of(envelope.example(element));
  }

  @Override
  public long length(InT element, Example prepared) {
    InferElements.Measure<ExampleT> length = functions.length();
    if (length != null) {
      return length.of(envelope.example(element));
    }
    return prepared.inputs().values().stream()
        .flatMapToLong(tensor -> Arrays.stream(tensor.shape()).skip(1))
        .max()
        .orElse(0);
  }

  @Override
  public Map<String, Tensor> assemble(List<Example> examples) {
    if (examples.size() == 1) {
      return examples.get(0).inputs();
    }
    Map<String, Tensor> batch = new LinkedHashMap<>();
    for (String input : examples.get(0).inputs().keySet()) {
      List<Tensor> parts = new ArrayList<>(examples.size());
      for (Example example : examples) {
        parts.add(example.inputs().get(input));
      }
      Tensor filler = padding.get(input);
      batch.put(
          input,
          filler != null && filler.type() == parts.get(0).type()
              ? Padding.concat(parts, filler)
              : Tensor.concat(parts));
    }
    return batch;
  }

  @Override
  public Map<String, OnnxOutput> run(TensorSession session, Map<String, Tensor> inputs) {
    return alone ? session.run(inputs) : session.runRows(inputs);
  }

  @Override
  public Results<InT, OutT> results(Map<String, OnnxOutput> outputs, List<Example> examples) {
    if (examples.size() == 1) {
      return (element, place) -> result(element, outputs);
    }
    int[] starts = new int[examples.size() + 1];
    for (int i = 0; i < examples.size(); i++) {
      starts[i + 1] = starts[i] + examples.get(i).rows();
    }
    return (element, place) -> {
      Map<String, OnnxOutput> own = new LinkedHashMap<>();
      int rows = starts[place + 1] - starts[place];
      for (Map.Entry<String, OnnxOutput> output : outputs.entrySet()) {
        own.put(output.getKey(), Rows.of(output.getValue(), starts[place], rows));
      }
      return result(element, own);
    };
  }

  private OutT result(InT element, Map<String, OnnxOutput> outputs) throws Exception {
    InferenceT inference;
    try {
      inference = functions.postProcessing().apply(outputs);
    } catch (Exception e) {
      throw new BadRowException("post-processing failed: " + e, e);
    }
    return envelope.result(
        element, new PredictionResult<>(envelope.example(element), inference, modelId));
  }
}
