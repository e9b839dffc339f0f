package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import java.util.List;
import org.apache.beam.sdk.coders.CannotProvideCoderException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderProvider;
import org.apache.beam.sdk.coders.CoderProviderRegistrar;
import org.apache.beam.sdk.coders.CoderProviders;
import org.apache.beam.sdk.values.TypeDescriptor;

/** Tells every pipeline how the types of this package travel, so that nobody calls setCoder. */
public final class InferenceCoders implements CoderProviderRegistrar {

  @Override
  public List<CoderProvider> getCoderProviders() {
    return List.of(
        CoderProviders.forCoder(TypeDescriptor.of(Tensor.class), TensorCoder.of()),
        CoderProviders.forCoder(TypeDescriptor.of(OnnxOutput.class), OnnxOutputCoder.of()),
        new OfResults());
  }

  private static final class OfResults extends CoderProvider {
    @Override
    public <T> Coder<T> coderFor(TypeDescriptor<T> type, List<? extends Coder<?>> componentCoders)
        throws CannotProvideCoderException {
      if (type.getRawType() != PredictionResult.class || componentCoders.size() != 2) {
        throw new CannotProvideCoderException("only PredictionResult is known, not " + type);
      }
      @SuppressWarnings("unchecked") // T is PredictionResult of the types of the two coders.
      Coder<T> coder =
          (Coder<T>) PredictionResultCoder.of(componentCoders.get(0), componentCoders.get(1));
      return coder;
    }
  }
}
