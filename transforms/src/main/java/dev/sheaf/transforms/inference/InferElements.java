package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.CannotProvideCoderException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.MapCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Scores elements of any type with any ONNX model, inside the worker.
 *
 * <p><b>Input.</b> Elements of any type, bounded or unbounded. Pre-processing makes of each the
 * tensors that the model would take for it alone: each tensor has a first dimension, the rows of
 * the example, which is 1 for most, is the same for all inputs, and may differ between examples.
 * Until {@link #withPreProcessing} is set, elements are maps from input to tensor.
 *
 * <p><b>Output.</b> For each element a {@link PredictionResult}: the element, what post-processing
 * made of the outputs that the model gives for it, and the model's id. What it gets is what the
 * model gives for the example alone: a tensor with the example's rows, or as many elements of a
 * sequence, as ZipMap gives them. Until {@link #withPostProcessing} is set, that is a map from
 * output to {@link OnnxOutput}. The coder is set. Timestamps and windows are kept, panes and the
 * order of elements are not. {@link #keyed} passes keys through.
 *
 * <p><b>Batches.</b> See {@link Batching}; up to 4096 elements of a bundle by default. Examples
 * whose tensors differ in type or in any dimension but the first never share a call. A model
 * without a batch dimension, or whose result for a row depends on other rows, needs {@link
 * Batching#eachAlone}.
 *
 * <p><b>Memory and parallelism.</b> One session for each model, content and way of opening it in a
 * JVM, opened when the first worker thread starts and closed when the last ends. At most 100,000
 * elements or 64 MiB of tensors are held in a bundle and thread.
 *
 * <p><b>Errors.</b> A model that is missing, damaged or refused fails when the worker starts. An
 * element whose pre- or post-processing throws, or that the model refuses, goes to the handler of
 * {@link #withBadRecordErrorHandler}; without one it fails the pipeline. A batch that fails is
 * halved until the bad elements are alone. Delivery is that of the runner: there is no effect
 * outside the output, so functions must have none either.
 *
 * <pre>{@code
 * PCollection<PredictionResult<String, Float>> moods = reviews.apply(
 *     RunInference.onElements(OnnxModel.at("gs://models/mood.onnx"))
 *         .withPreProcessing((String text) -> Map.of("text", Tensor.of(new String[] {text}, 1, 1)))
 *         .withPostProcessing(
 *             TypeDescriptors.floats(), outputs -> outputs.get("score").tensor().floats()[0]));
 * }</pre>
 */
public final class InferElements<ExampleT, InferenceT>
    extends PTransform<PCollection<ExampleT>, PCollection<PredictionResult<ExampleT, InferenceT>>> {
  private static final long serialVersionUID = 1L;

  private final InferSettings settings;
  private final Functions<ExampleT, InferenceT> functions;
  private final @Nullable TypeDescriptor<InferenceT> type;
  private final @Nullable Coder<InferenceT> coder;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  /**
   * Makes of an example the tensors that a model takes for it.
   *
   * @param <ExampleT> what the example is
   */
  @FunctionalInterface
  public interface PreProcessing<ExampleT> extends Serializable {
    /**
     * The tensors by input.
     *
     * @throws Exception if the example is bad: it leaves by the error handler with the message
     */
    Map<String, Tensor> apply(ExampleT example) throws Exception;
  }

  /**
   * Makes an inference of a model's outputs for one example.
   *
   * @param <InferenceT> what the inference is
   */
  @FunctionalInterface
  public interface PostProcessing<InferenceT> extends Serializable {
    /**
     * The inference.
     *
     * @throws Exception if there is none: the example leaves by the error handler with the message
     */
    InferenceT apply(Map<String, OnnxOutput> outputs) throws Exception;
  }

  /**
   * Measures an example.
   *
   * @param <ExampleT> what the example is
   */
  @FunctionalInterface
  public interface Measure<ExampleT> extends Serializable {
    /** The measure, 0 or more. */
    long of(ExampleT example);
  }

  /** What is done with each example. */
  record Functions<ExampleT, InferenceT>(
      PreProcessing<ExampleT> preProcessing,
      PostProcessing<InferenceT> postProcessing,
      @Nullable Measure<ExampleT> weight,
      @Nullable Measure<ExampleT> length,
      Map<String, InputSource.Constant> padding)
      implements Serializable {
    <NewT> Functions<ExampleT, NewT> then(PostProcessing<NewT> changed) {
      return new Functions<>(preProcessing, changed, weight, length, padding);
    }
  }

  private InferElements(
      InferSettings settings,
      Functions<ExampleT, InferenceT> functions,
      @Nullable TypeDescriptor<InferenceT> type,
      @Nullable Coder<InferenceT> coder,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.settings = settings;
    this.functions = functions;
    this.type = type;
    this.coder = coder;
    this.errorHandler = errorHandler;
  }

  static InferElements<Map<String, Tensor>, Map<String, OnnxOutput>> with(OnnxModel model) {
    return new InferElements<>(
        InferSettings.of(model),
        new Functions<>(tensors -> tensors, outputs -> outputs, null, null, Map.of()),
        null,
        MapCoder.of(StringUtf8Coder.of(), OnnxOutputCoder.of()),
        null);
  }

  /**
   * Makes tensors of examples of another type; forgets {@link #withWeight} and {@link #withLength}.
   * Runs on many threads at once, each with a copy of its own.
   */
  public <NewT> InferElements<NewT, InferenceT> withPreProcessing(
      PreProcessing<NewT> preProcessing) {
    return new InferElements<>(
        settings,
        new Functions<>(preProcessing, functions.postProcessing, null, null, functions.padding),
        type,
        coder,
        errorHandler);
  }

  /**
   * Makes inferences of outputs.
   *
   * @param inference their type, which must have a coder in the pipeline's registry
   */
  public <NewT> InferElements<ExampleT, NewT> withPostProcessing(
      TypeDescriptor<NewT> inference, PostProcessing<NewT> postProcessing) {
    return new InferElements<>(
        settings, functions.then(postProcessing), inference, null, errorHandler);
  }

  /** As the other form, for a type whose coder is not in the pipeline's registry. */
  public <NewT> InferElements<ExampleT, NewT> withPostProcessing(
      Coder<NewT> inference, PostProcessing<NewT> postProcessing) {
    return new InferElements<>(
        settings, functions.then(postProcessing), null, inference, errorHandler);
  }

  /**
   * What an example counts of {@link Batching#withMaximumWeight}; its bytes unless set. Where
   * examples also wait for each other, the maximum weight ends the wait only if this is set.
   */
  public InferElements<ExampleT, InferenceT> withWeight(Measure<ExampleT> weight) {
    return with(
        new Functions<>(
            functions.preProcessing,
            functions.postProcessing,
            weight,
            functions.length,
            functions.padding));
  }

  /**
   * What {@link Batching#inLengthBuckets} sorts an example by; its longest dimension after the
   * first unless set. Where examples also wait for each other, they do so by bucket only if this is
   * set.
   */
  public InferElements<ExampleT, InferenceT> withLength(Measure<ExampleT> length) {
    return with(
        new Functions<>(
            functions.preProcessing,
            functions.postProcessing,
            functions.weight,
            length,
            functions.padding));
  }

  /**
   * Lets examples whose tensors of this input differ in length share calls: the shorter are filled
   * up with a value to the longest of the call, in every dimension but the first. The model must
   * not care, as with a mask for attention, and so must post-processing: an output with such a
   * dimension comes as long as the longest. By default examples of unlike shapes never share a
   * call. {@link Batching#inLengthBuckets} keeps what is filled up small.
   *
   * @param value one element of the input's type
   */
  public InferElements<ExampleT, InferenceT> withPadding(String input, Tensor value) {
    if (value.elements() != 1) {
      throw new IllegalArgumentException(
          "withPadding: one element is needed to fill up the input '"
              + input
              + "', found "
              + value);
    }
    Map<String, InputSource.Constant> padding = new HashMap<>(functions.padding);
    padding.put(input, new InputSource.Constant(value));
    return with(
        new Functions<>(
            functions.preProcessing,
            functions.postProcessing,
            functions.weight,
            functions.length,
            Map.copyOf(padding)));
  }

  /** How many examples go into a call; up to 4096 of a bundle unless set. */
  public InferElements<ExampleT, InferenceT> withBatching(Batching batching) {
    return with(settings.withBatching(batching));
  }

  /**
   * The longest that a call of the model may take, positive; no limit unless set. A call that takes
   * longer is ended and halved like one that fails.
   */
  public InferElements<ExampleT, InferenceT> withTimeLimit(Duration limit) {
    return with(settings.withTimeLimit(limit));
  }

  /**
   * Looks after each {@code interval}, which must be positive, whether the model's file has changed
   * in size or time, and if so goes on with its new content. By default a worker scores with what
   * was there when it started. A new content that cannot be used is logged and counted, and the old
   * one stays; external data beside the model is not looked at.
   */
  public InferElements<ExampleT, InferenceT> refreshedEvery(Duration interval) {
    return with(settings.refreshedEvery(interval));
  }

  /**
   * Goes on with the model at the location that a side input tells, as soon as it tells another:
   * what is gathered is still scored by the old one. The model that this was made with serves while
   * the location is blank. A location that cannot be used is logged, counted and tried again after
   * half a minute, and meanwhile the old model stays.
   */
  public InferElements<ExampleT, InferenceT> withModelUpdates(PCollectionView<String> locations) {
    return with(settings.withModelUpdates(locations));
  }

  /**
   * What the machines that score must have, where the runner can choose them; unless set, one
   * NVIDIA T4 where the model is on a GPU, and else any machine.
   */
  public InferElements<ExampleT, InferenceT> withWorkers(WorkerResources workers) {
    return with(settings.withWorkers(workers));
  }

  /** What intervals are measured by; must be serializable. The system's clock unless set. */
  public InferElements<ExampleT, InferenceT> withClock(Clock clock) {
    return with(settings.withClock(clock));
  }

  /** Takes the elements that cannot be scored; without it the first fails the pipeline. */
  public InferElements<ExampleT, InferenceT> withBadRecordErrorHandler(
      ErrorHandler<BadRecord, ?> handler) {
    return new InferElements<>(settings, functions, type, coder, handler);
  }

  /** The same for keyed elements: each result has the key of its element. */
  public <KeyT> Keyed<KeyT, ExampleT, InferenceT> keyed() {
    return new Keyed<>(this);
  }

  private InferElements<ExampleT, InferenceT> with(InferSettings changed) {
    return new InferElements<>(changed, functions, type, coder, errorHandler);
  }

  private InferElements<ExampleT, InferenceT> with(Functions<ExampleT, InferenceT> changed) {
    return new InferElements<>(settings, changed, type, coder, errorHandler);
  }

  @Override
  public PCollection<PredictionResult<ExampleT, InferenceT>> expand(PCollection<ExampleT> input) {
    Coder<ExampleT> example = input.getCoder();
    return input.apply(
        "Infer",
        steps(
            input,
            ElementDoor.Envelope.bare(),
            PredictionResultCoder.of(example, inferenceCoder(input.getPipeline()))));
  }

  private <InT, OutT> Infer<InT, OutT> steps(
      PCollection<InT> input,
      ElementDoor.Envelope<InT, ExampleT, InferenceT, OutT> envelope,
      Coder<OutT> outputCoder) {
    Batching batching = settings.batching();
    Measure<ExampleT> length = functions.length;
    SerializableFunction<InT, Integer> bucket =
        length == null || !batching.hasBuckets()
            ? null
            : element -> batching.bucketOf(length.of(envelope.example(element)));
    Measure<ExampleT> weight = functions.weight;
    SerializableFunction<InT, Long> weighed =
        weight == null ? null : element -> weight.of(envelope.example(element));
    return new Infer<>(
        new ElementDoor<>(
            envelope,
            functions,
            batching.maximum() == 1,
            new BadElements<>(input.getCoder(), "InferElements", errorHandler)),
        settings,
        outputCoder,
        new WaitForOthers.Measures<>(bucket, weighed),
        errorHandler);
  }

  private Coder<InferenceT> inferenceCoder(Pipeline pipeline) {
    if (coder != null) {
      return coder;
    }
    TypeDescriptor<InferenceT> inference = Objects.requireNonNull(type);
    try {
      return pipeline.getCoderRegistry().getCoder(inference);
    } catch (CannotProvideCoderException e) {
      throw new IllegalArgumentException(
          "withPostProcessing: there is no coder for "
              + inference
              + "; give one instead of the type, or register one with the pipeline",
          e);
    }
  }

  /**
   * Scores keyed elements; the rest is as {@link InferElements} says.
   *
   * @param <KeyT> what the key is
   * @param <ExampleT> what the example is
   * @param <InferenceT> what the inference is
   */
  public static final class Keyed<KeyT, ExampleT, InferenceT>
      extends PTransform<
          PCollection<KV<KeyT, ExampleT>>,
          PCollection<KV<KeyT, PredictionResult<ExampleT, InferenceT>>>> {
    private static final long serialVersionUID = 1L;

    private final InferElements<ExampleT, InferenceT> unkeyed;

    private Keyed(InferElements<ExampleT, InferenceT> unkeyed) {
      this.unkeyed = unkeyed;
    }

    @Override
    public PCollection<KV<KeyT, PredictionResult<ExampleT, InferenceT>>> expand(
        PCollection<KV<KeyT, ExampleT>> input) {
      if (!(input.getCoder() instanceof KvCoder<KeyT, ExampleT> coder)) {
        throw new IllegalArgumentException(
            "keyed: elements with a KvCoder are needed, found " + input.getCoder());
      }
      Coder<PredictionResult<ExampleT, InferenceT>> result =
          PredictionResultCoder.of(
              coder.getValueCoder(), unkeyed.inferenceCoder(input.getPipeline()));
      return input.apply(
          "Infer",
          unkeyed.steps(
              input, ElementDoor.Envelope.keyed(), KvCoder.of(coder.getKeyCoder(), result)));
    }
  }
}
