package dev.sheaf.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sheaf.models.onnx.ModelGraph.GraphInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Any ONNX model, open in ONNX Runtime: named tensors in; tensors, sequences and maps out.
 *
 * <p>Names, types and shapes are checked before the native call. {@link #run} takes tensors of
 * exactly the declared shapes; {@link #runRows} takes any number of rows, also where the model
 * fixes that number. Tensors over direct buffers go in without a copy.
 *
 * <p>Safe for use by several threads. Only {@link #close()} must wait until nobody runs it any
 * more.
 *
 * <pre>{@code
 * try (TensorSession session = TensorSession.open(OnnxModel.at("/models/churn.onnx"))) {
 *   Tensor rows = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
 *   Map<String, OnnxOutput> outputs = session.run(Map.of("features", rows));
 *   float[] churn = outputs.get("churn").tensor().floats();
 * }
 * }</pre>
 */
public final class TensorSession implements AutoCloseable {
  private final String id;
  private final OrtSession session;
  private final Optional<WeightsFolder> weights;
  private final List<GraphInput> inputs;
  private final InputChecks checks;
  private final Map<String, Optional<TensorSpec>> outputs;
  private final @Nullable CallLimit limit;
  private final long byteSize;
  private final Queue<Scratch> scratches = new ConcurrentLinkedQueue<>();

  private TensorSession(
      String id,
      OrtSession session,
      ModelGraph graph,
      Optional<WeightsFolder> weights,
      Optional<Duration> limit,
      long byteSize)
      throws OrtException {
    this.id = id;
    this.session = session;
    this.weights = weights;
    this.inputs = graph.inputs();
    this.checks = new InputChecks(inputs);
    this.outputs = outputs(session, graph);
    this.limit = limit.map(CallLimit::of).orElse(null);
    this.byteSize = byteSize;
  }

  /**
   * Loads a model.
   *
   * @throws OnnxFailure if it cannot be read, is damaged or too large, names data outside its
   *     folder, has inputs that Java cannot give, or if ONNX Runtime refuses it
   */
  public static TensorSession open(OnnxModel model) {
    Optional<ModelFile> file = model.location().map(ModelFile::at);
    byte[] onnx = file.isPresent() ? file.get().read(model.maximumBytes()) : limited(model);
    ModelGraph graph = ModelGraph.read(onnx, model.optionalInputs());
    Optional<WeightsFolder> weights = weights(model, file, graph);
    try {
      OrtSession session = create(model, graph, weights);
      try {
        String id =
            model.location().map(at -> at + "@" + OnnxModel.digest(onnx)).orElse(model.id());
        return new TensorSession(
            id, session, graph, weights, model.callLimit(), SessionBytes.of(onnx.length, graph));
      } catch (OrtException | RuntimeException e) {
        Sessions.close(session);
        throw e;
      }
    } catch (OrtException e) {
      weights.ifPresent(WeightsFolder::close);
      throw new OnnxFailure("cannot read the outputs of " + model + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      weights.ifPresent(WeightsFolder::close);
      throw e;
    }
  }

  private static byte[] limited(OnnxModel model) {
    byte[] onnx = model.bytes();
    if (onnx.length > model.maximumBytes()) {
      throw new OnnxFailure(
          "cannot load the model "
              + model
              + ": it has "
              + onnx.length
              + " bytes, and the limit is "
              + model.maximumBytes());
    }
    return onnx;
  }

  private static Optional<WeightsFolder> weights(
      OnnxModel model, Optional<ModelFile> file, ModelGraph graph) {
    if (graph.externalData().isEmpty()) {
      return Optional.empty();
    }
    if (file.isEmpty()) {
      throw new OnnxFailure(
          "cannot load external data "
              + graph.externalData().ends().keySet()
              + " of a model given as bytes: it has no folder; use OnnxModel.at(location)");
    }
    return Optional.of(file.get().weights(graph.externalData(), model.maximumExternalBytes()));
  }

  private static OrtSession create(
      OnnxModel model, ModelGraph graph, Optional<WeightsFolder> weights) {
    try {
      return Sessions.open(
          model.provider(),
          (environment, options) -> {
            for (CustomOps ops : model.customOps()) {
              OperatorLibraries.register(options, ops);
            }
            if (weights.isPresent()) {
              options.addConfigEntry(
                  "session.model_external_initializers_file_folder_path",
                  weights.get().path().toString());
            }
            return environment.createSession(graph.toBytes(), options);
          });
    } catch (OnnxFailure e) {
      throw new OnnxFailure(
          "cannot load the model " + model + ": " + e.getMessage() + LoadHints.of(e, graph), e);
    }
  }

  /** Of optional outputs ONNX Runtime's Java interface tells nothing but names. */
  private static Map<String, Optional<TensorSpec>> outputs(OrtSession session, ModelGraph graph)
      throws OrtException {
    Map<String, Optional<TensorSpec>> outputs = new LinkedHashMap<>();
    if (graph.hasOptionalOutputs()) {
      session.getOutputNames().forEach(name -> outputs.put(name, Optional.empty()));
      return outputs;
    }
    for (NodeInfo output : session.getOutputInfo().values()) {
      outputs.put(
          output.getName(),
          output.getInfo() instanceof TensorInfo tensor
              ? TensorType.of(tensor.onnxType)
                  .map(type -> new TensorSpec(output.getName(), type, tensor.getShape(), false))
              : Optional.empty());
    }
    return outputs;
  }

  /** What tells the open model from others: its location and the digest of its file. */
  public String id() {
    return id;
  }

  /** The inputs, in the model's order. */
  public List<TensorSpec> inputs() {
    return inputs.stream().map(GraphInput::spec).toList();
  }

  /** The names of the outputs, in the model's order. */
  public List<String> outputs() {
    return List.copyOf(outputs.keySet());
  }

  /**
   * What the model declares about an output; empty if it is a sequence, a map or optional.
   *
   * @throws IllegalArgumentException if there is no such output
   */
  public Optional<TensorSpec> output(String name) {
    checkOutputs(Set.of(name));
    return Objects.requireNonNull(outputs.get(name));
  }

  /**
   * About how many bytes of the machine's memory the open model takes, by measurements: 70 KiB, 2
   * KiB for each node, 1.9 times the weights and 6.5 times the rest of the file. Rather too much
   * than too little; without what a call takes, and without the memory of a GPU.
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Runs the model on tensors of exactly the shapes that it declares.
   *
   * @param tensors one for each input that is not optional, by name
   * @return every output by name, in the model's order
   * @throws IllegalArgumentException if the tensors are not what the model needs
   * @throws CallLimitException if the call took longer than the model's limit
   * @throws OnnxFailure if ONNX Runtime fails
   */
  public Map<String, OnnxOutput> run(Map<String, Tensor> tensors) {
    return run(tensors, outputs.keySet());
  }

  /**
   * Runs the model for some of its outputs; what only the others need is not computed.
   *
   * @param wanted names of outputs
   */
  public Map<String, OnnxOutput> run(Map<String, Tensor> tensors, Set<String> wanted) {
    checkOutputs(wanted);
    checks.check(tensors);
    return call(tensors, wanted);
  }

  /**
   * Runs the model on rows: the first dimension of every tensor but scalars, and of every output.
   * Where the model fixes its number of rows, rows go in groups of that number, the last one filled
   * up with copies of the last row, whose results are left out. That number is 1 to 1,048,576.
   *
   * @return every output by name, in the model's order
   * @throws IllegalArgumentException if the tensors are not what the model needs, or have different
   *     numbers of rows
   * @throws CallLimitException if a call took longer than the model's limit
   * @throws MixedRowsFailure if an output does not have as many rows
   * @throws OnnxFailure if ONNX Runtime fails
   */
  public Map<String, OnnxOutput> runRows(Map<String, Tensor> tensors) {
    return runRows(tensors, outputs.keySet());
  }

  /**
   * Runs the model on rows for some of its outputs.
   *
   * @param wanted names of outputs
   */
  public Map<String, OnnxOutput> runRows(Map<String, Tensor> tensors, Set<String> wanted) {
    checkOutputs(wanted);
    checks.checkRows(tensors);
    int rows = checks.rows(tensors);
    Long fixed = checks.fixedRows();
    if (fixed == null || fixed == rows) {
      return RowGroups.checked(call(tensors, wanted), rows, rows);
    }
    int group = RowGroups.size(fixed);
    List<Map<String, OnnxOutput>> parts = new ArrayList<>();
    for (int from = 0; from < rows; from += group) {
      int some = Math.min(group, rows - from);
      Map<String, Tensor> part = RowGroups.part(tensors, from, some, group);
      parts.add(RowGroups.checked(call(part, wanted), group, some));
    }
    return RowGroups.joined(parts);
  }

  private void checkOutputs(Set<String> wanted) {
    if (wanted.isEmpty() || !outputs.keySet().containsAll(wanted)) {
      throw new IllegalArgumentException(
          "cannot run a model for the outputs " + wanted + ": it has " + outputs.keySet());
    }
  }

  private Map<String, OnnxOutput> call(Map<String, Tensor> tensors, Set<String> wanted) {
    Scratch scratch = scratches.poll();
    if (scratch == null) {
      scratch = new Scratch();
    }
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      feed(tensors, scratch, feeds);
      Set<String> names = new LinkedHashSet<>(outputs.keySet());
      names.retainAll(wanted);
      try (OrtSession.Result result = callNative(feeds, names)) {
        Map<String, OnnxOutput> results = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> value : result) {
          results.put(value.getKey(), Values.fromNative(value.getValue()));
        }
        return Collections.unmodifiableMap(results);
      }
    } catch (OrtException e) {
      throw new OnnxFailure("cannot run " + id + ": " + e.getMessage(), e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
      if (scratch.worthKeeping()) {
        scratches.add(scratch);
      }
    }
  }

  private void feed(Map<String, Tensor> tensors, Scratch scratch, Map<String, OnnxTensor> feeds)
      throws OrtException {
    List<Tensor> given = new ArrayList<>(inputs.size());
    long bytes = 0;
    for (GraphInput input : inputs) {
      Tensor tensor = tensors.get(input.spec().name());
      if (tensor == null) {
        tensor = input.value().orElseThrow();
      }
      given.add(tensor);
      bytes += Scratch.needed(tensor);
    }
    scratch.reserve(bytes);
    for (int i = 0; i < given.size(); i++) {
      feeds.put(inputs.get(i).feed(), Values.toNative(given.get(i), scratch));
    }
  }

  private OrtSession.Result callNative(Map<String, OnnxTensor> feeds, Set<String> names)
      throws OrtException {
    CallLimit limited = limit;
    return limited == null
        ? session.run(feeds, names)
        : limited.run(options -> session.run(feeds, names, options));
  }

  @Override
  public void close() {
    try {
      Sessions.close(session);
    } finally {
      weights.ifPresent(WeightsFolder::close);
    }
  }
}
