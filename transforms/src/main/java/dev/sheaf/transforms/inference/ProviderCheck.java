package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import java.io.Serializable;
import org.apache.beam.sdk.metrics.Counter;

/**
 * Proves at a DoFn's setup that its provider computes, and counts it where the CPU took its place.
 */
final class ProviderCheck implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ExecutionProvider provider;
  private transient boolean uncounted;

  ProviderCheck(ExecutionProvider provider) {
    this.provider = provider;
  }

  /**
   * At setup, before any model is loaded, so that a machine without the device, or where ONNX
   * Runtime does not start, fails there and not at each row.
   *
   * @throws dev.sheaf.models.onnx.OnnxFailure if ONNX Runtime does not start, or if the device
   *     cannot be used and nothing may take its place
   */
  void setup() {
    uncounted = !provider.activate().equals(provider);
  }

  /** At each bundle's start, because runners take no metrics before. */
  void startBundle(Counter fallbacks) {
    if (uncounted) {
      uncounted = false;
      fallbacks.inc();
    }
  }
}
