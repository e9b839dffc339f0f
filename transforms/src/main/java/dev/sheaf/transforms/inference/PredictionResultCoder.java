package dev.sheaf.transforms.inference;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.StructuredCoder;

/** Writes the example, the inference and the model's id; deterministic where the two coders are. */
final class PredictionResultCoder<ExampleT, InferenceT>
    extends StructuredCoder<PredictionResult<ExampleT, InferenceT>> {
  private static final long serialVersionUID = 1L;

  private final Coder<ExampleT> example;
  private final Coder<InferenceT> inference;

  private PredictionResultCoder(Coder<ExampleT> example, Coder<InferenceT> inference) {
    this.example = example;
    this.inference = inference;
  }

  static <ExampleT, InferenceT> PredictionResultCoder<ExampleT, InferenceT> of(
      Coder<ExampleT> example, Coder<InferenceT> inference) {
    return new PredictionResultCoder<>(example, inference);
  }

  @Override
  public void encode(PredictionResult<ExampleT, InferenceT> result, OutputStream out)
      throws IOException {
    example.encode(result.example(), out);
    inference.encode(result.inference(), out);
    StringUtf8Coder.of().encode(result.modelId(), out);
  }

  @Override
  public PredictionResult<ExampleT, InferenceT> decode(InputStream in) throws IOException {
    ExampleT decodedExample = example.decode(in);
    InferenceT decodedInference = inference.decode(in);
    return new PredictionResult<>(
        decodedExample, decodedInference, StringUtf8Coder.of().decode(in));
  }

  @Override
  public List<? extends Coder<?>> getCoderArguments() {
    return List.of(example, inference);
  }

  @Override
  public void verifyDeterministic() throws NonDeterministicException {
    verifyDeterministic(this, "the example's coder must be deterministic", example);
    verifyDeterministic(this, "the inference's coder must be deterministic", inference);
  }

  @Override
  public boolean consistentWithEquals() {
    return example.consistentWithEquals() && inference.consistentWithEquals();
  }
}
