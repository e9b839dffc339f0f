package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** A provider that computes on a GPU: {@link CudaProvider} or {@link TensorRtProvider}. */
public abstract sealed class GpuProvider implements ExecutionProvider
    permits CudaProvider, TensorRtProvider {
  private static final long serialVersionUID = 1L;

  private final GpuSettings settings;

  GpuProvider(GpuSettings settings) {
    this.settings = settings;
  }

  final GpuSettings settings() {
    return settings;
  }

  /** The device's number, from 0. */
  public final int device() {
    return settings.device();
  }

  /** ONNX Runtime's options that are set, by name. */
  public final SortedMap<String, String> options() {
    return settings.options();
  }

  /** The CPU, where it takes the place of a device that cannot be used. */
  public final Optional<CpuProvider> fallback() {
    return Optional.ofNullable(settings.fallback());
  }

  @Override
  public final int warmUpRows() {
    return settings.warmUpRows();
  }

  /** How it is called in messages, such as {@code CUDA device 0}. */
  abstract String title();

  /** How it is written in Java. */
  abstract String factory();

  /** The same device and options, with no policy: what is proved once. */
  abstract GpuProvider bare();

  /** Makes sessions compute here, and where this cannot on the next best. */
  abstract void addTo(SessionOptions options) throws OrtException;

  /** Makes sessions compute here and nowhere else. */
  abstract void addAloneTo(SessionOptions options) throws OrtException;

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof GpuProvider provider
        && provider.getClass() == getClass()
        && provider.settings.equals(settings);
  }

  @Override
  public final int hashCode() {
    return 31 * getClass().hashCode() + settings.hashCode();
  }

  @Override
  public final String toString() {
    return title()
        + (options().isEmpty() ? "" : " with " + options())
        + (settings.fallback() == null ? "" : ", or the CPU");
  }
}
