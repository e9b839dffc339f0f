package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.values.KV;

/** The door for elements of any type, bare or with a key. */
final class ElementDoor<InT, ExampleT, InferenceT, OutT> implements Door<InT, OutT> {
  private static final long serialVersionUID = 1L;

  private final Envelope<InT, ExampleT, InferenceT, OutT> envelope;
  private final InferElements.Functions<ExampleT, InferenceT> functions;
  private final boolean alone;
  private final BadElements<InT> badElements;

  /** What an example comes in, and its result leaves in. */
  interface Envelope<InT, ExampleT, InferenceT, OutT> extends Serializable {
    ExampleT example(InT element);

    OutT result(InT element, PredictionResult<ExampleT, InferenceT> result);

    /** Nothing around the example. */
    static <ExampleT, InferenceT>
        Envelope<ExampleT, ExampleT, InferenceT, PredictionResult<ExampleT, InferenceT>> bare() {
      return new Envelope<>() {
        private static final long serialVersionUID = 1L;

        @Override
        public ExampleT example(ExampleT element) {
          return element;
        }

        @Override
        public PredictionResult<ExampleT, InferenceT> result(
            ExampleT element, PredictionResult<ExampleT, InferenceT> result) {
          return result;
        }
      };
    }

    /** A key, which the result has, too. */
    static <KeyT, ExampleT, InferenceT>
        Envelope<
                KV<KeyT, ExampleT>,
                ExampleT,
                InferenceT,
                KV<KeyT, PredictionResult<ExampleT, InferenceT>>>
            keyed() {
      return new Envelope<>() {
        private static final long serialVersionUID = 1L;

        @Override
        public ExampleT example(KV<KeyT, ExampleT> element) {
          return element.getValue();
        }

        @Override
        public KV<KeyT, PredictionResult<ExampleT, InferenceT>> result(
            KV<KeyT, ExampleT> element, PredictionResult<ExampleT, InferenceT> result) {
          return KV.of(element.getKey(), result);
        }
      };
    }
  }

  /**
   * A door.
   *
   * @param alone whether each example has a call of its own
   */
  ElementDoor(
      Envelope<InT, ExampleT, InferenceT, OutT> envelope,
      InferElements.Functions<ExampleT, InferenceT> functions,
      boolean alone,
      BadElements<InT> badElements) {
    this.envelope = envelope;
    this.functions = functions;
    this.alone = alone;
    this.badElements = badElements;
  }

  @Override
  public Translator<InT, ?, OutT> translator(TensorSession session) {
    return new ElementTranslator<>(envelope, functions, alone, session.id());
  }

  @Override
  public BadRecord record(InT element, BadRowException reason) throws BadRowException {
    return badElements.record(element, reason);
  }
}
