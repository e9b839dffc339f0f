package dev.sheaf.models.onnx;

import dev.sheaf.models.store.StoreFiles;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Any ONNX model, as a value: where it is and how it is opened.
 *
 * <p>Making one reads nothing; {@link TensorSession#open} does, on the worker. Serializable, so
 * that it travels to workers.
 *
 * <pre>{@code
 * OnnxModel model =
 *     OnnxModel.at("gs://models/churn/model.onnx")
 *         .on(ExecutionProvider.cuda().orCpu())
 *         .withCallLimit(Duration.ofSeconds(5));
 * }</pre>
 */
public final class OnnxModel implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The most bytes of a model file unless told otherwise: 2 GiB, all that an ONNX file may have.
   */
  public static final long DEFAULT_MAXIMUM_BYTES = Integer.MAX_VALUE;

  /** The most bytes of all external data of a model unless told otherwise: 16 GiB. */
  public static final long DEFAULT_MAXIMUM_EXTERNAL_BYTES = 16L << 30;

  private final @Nullable String location;
  private final byte @Nullable [] bytes;
  private final Settings settings;

  /** How a model is opened. */
  private record Settings(
      ExecutionProvider provider,
      List<CustomOps> customOps,
      long maximumBytes,
      long maximumExternalBytes,
      List<String> optionalInputs,
      @Nullable Duration callLimit)
      implements Serializable {}

  private OnnxModel(@Nullable String location, byte @Nullable [] bytes, Settings settings) {
    this.location = location;
    this.bytes = bytes;
    this.settings = settings;
  }

  /**
   * A model in a file.
   *
   * @param location a local path or a URI of any file system that {@link StoreFiles} reaches, such
   *     as {@code gs://models/churn/model.onnx}; external data must lie beside it, in the same
   *     folder or one below
   */
  public static OnnxModel at(String location) {
    if (location.isBlank() || location.endsWith("/")) {
      throw new IllegalArgumentException(
          "cannot use \""
              + location
              + "\" as a model's location; valid is a file such as /models/churn.onnx or"
              + " gs://models/churn.onnx");
    }
    return new OnnxModel(location, null, defaults());
  }

  /** A model in memory, which travels with the pipeline; it has no external data. */
  public static OnnxModel ofBytes(byte[] onnx) {
    return new OnnxModel(null, onnx.clone(), defaults());
  }

  private static Settings defaults() {
    return new Settings(
        ExecutionProvider.cpu(),
        List.of(),
        DEFAULT_MAXIMUM_BYTES,
        DEFAULT_MAXIMUM_EXTERNAL_BYTES,
        List.of(),
        null);
  }

  /** Where it computes; the CPU by default. */
  public OnnxModel on(ExecutionProvider provider) {
    return with(
        new Settings(
            provider,
            settings.customOps,
            settings.maximumBytes,
            settings.maximumExternalBytes,
            settings.optionalInputs,
            settings.callLimit));
  }

  /** Adds a library of operators; none by default. */
  public OnnxModel withCustomOps(CustomOps ops) {
    List<CustomOps> all = new ArrayList<>(settings.customOps);
    all.add(ops);
    return with(
        new Settings(
            settings.provider,
            List.copyOf(all),
            settings.maximumBytes,
            settings.maximumExternalBytes,
            settings.optionalInputs,
            settings.callLimit));
  }

  /**
   * The most bytes that the model file may have; {@link #DEFAULT_MAXIMUM_BYTES} by default, lower
   * for models that others hand in.
   */
  public OnnxModel withMaximumBytes(long maximum) {
    if (maximum < 1 || maximum > DEFAULT_MAXIMUM_BYTES) {
      throw new IllegalArgumentException(
          "cannot limit a model file to "
              + maximum
              + " bytes; valid are 1 to "
              + DEFAULT_MAXIMUM_BYTES);
    }
    return with(
        new Settings(
            settings.provider,
            settings.customOps,
            maximum,
            settings.maximumExternalBytes,
            settings.optionalInputs,
            settings.callLimit));
  }

  /**
   * The most bytes that all external data may have together; {@link
   * #DEFAULT_MAXIMUM_EXTERNAL_BYTES} by default; 0 refuses external data.
   */
  public OnnxModel withMaximumExternalBytes(long maximum) {
    if (maximum < 0) {
      throw new IllegalArgumentException(
          "cannot limit external data to " + maximum + " bytes; valid are 0 and more");
    }
    return with(
        new Settings(
            settings.provider,
            settings.customOps,
            settings.maximumBytes,
            maximum,
            settings.optionalInputs,
            settings.callLimit));
  }

  /**
   * Names inputs that have a value of their own in the file and that calls may give all the same;
   * none by default. Other inputs of that kind are constants.
   */
  public OnnxModel withOptionalInputs(String... names) {
    return with(
        new Settings(
            settings.provider,
            settings.customOps,
            settings.maximumBytes,
            settings.maximumExternalBytes,
            List.of(names),
            settings.callLimit));
  }

  /** The longest that a call may take, after which it fails; without limit by default. */
  public OnnxModel withCallLimit(Duration limit) {
    return with(
        new Settings(
            settings.provider,
            settings.customOps,
            settings.maximumBytes,
            settings.maximumExternalBytes,
            settings.optionalInputs,
            CallLimit.checked(limit)));
  }

  private OnnxModel with(Settings changed) {
    return new OnnxModel(location, bytes, changed);
  }

  /** What tells this model from others: its location, or of bytes their digest. */
  public String id() {
    return location != null ? location : "sha256:" + digest(Objects.requireNonNull(bytes));
  }

  static String digest(byte[] onnx) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(onnx));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  /** Where its file is; empty for a model in memory. */
  public Optional<String> location() {
    return Optional.ofNullable(location);
  }

  /** The model at another location, opened in the same way. */
  public OnnxModel movedTo(String newLocation) {
    return at(newLocation).with(settings);
  }

  byte[] bytes() {
    return Objects.requireNonNull(bytes);
  }

  /** Where it computes. */
  public ExecutionProvider provider() {
    return settings.provider;
  }

  /** The libraries of operators that it needs. */
  public List<CustomOps> customOps() {
    return settings.customOps;
  }

  /** The most bytes that the model file may have. */
  public long maximumBytes() {
    return settings.maximumBytes;
  }

  /** The most bytes that all external data may have together. */
  public long maximumExternalBytes() {
    return settings.maximumExternalBytes;
  }

  /** The inputs with a value of their own that calls may give. */
  public List<String> optionalInputs() {
    return settings.optionalInputs;
  }

  /** The longest that a call may take. */
  public Optional<Duration> callLimit() {
    return Optional.ofNullable(settings.callLimit);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OnnxModel that
        && Objects.equals(location, that.location)
        && Arrays.equals(bytes, that.bytes)
        && settings.equals(that.settings);
  }

  @Override
  public int hashCode() {
    return Objects.hash(location, Arrays.hashCode(bytes), settings);
  }

  @Override
  public String toString() {
    return id();
  }
}
