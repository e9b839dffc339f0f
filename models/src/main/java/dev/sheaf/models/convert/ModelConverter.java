package dev.sheaf.models.convert;

import dev.sheaf.models.onnx.OnnxValue;
import dev.sheaf.models.trees.Booster;
import dev.sheaf.models.trees.LightgbmReader;
import dev.sheaf.models.trees.UnreadableModelException;
import dev.sheaf.models.trees.XgboostReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Converts a model that XGBoost or LightGBM saved into a self-contained ONNX file.
 *
 * <p>Inputs: one matrix {@code input float[N,d]} (XGBoost) or {@code double[N,d]} (LightGBM), the
 * columns in the order of training; or, with {@link #withFeatureNames}, one {@code double[N,1]} per
 * feature. NaN is a missing value; a categorical feature enters as its code.
 *
 * <p>Outputs: a model of numbers has {@code prediction double[N,K]}, K being 1 but for models of
 * several targets. A classifier has {@code prediction int64[N,1]}, the number of the most probable
 * class, and {@code probabilities double[N,C]}; with named features the class is a text, {@code
 * prediction string[N,1]}, so that the file can be used as any model of Sheaf. With {@link
 * #withRawMargins} there is {@code margin double[N,K]} alone.
 *
 * <p>A prediction does not depend on the other rows of its batch, to the bit. What cannot be
 * converted exactly is refused by name: see docs/converters.md for what is covered.
 *
 * <pre>{@code
 * byte[] onnx = ModelConverter.lightgbm(Path.of("model.txt")).toOnnx();
 * }</pre>
 */
public final class ModelConverter {
  /** The name of the input where it is one matrix. */
  public static final String INPUT = "input";

  /** The name of the output of {@link #withRawMargins}. */
  public static final String MARGIN = "margin";

  private final Booster booster;
  private final OnnxValue.Type inputType;
  private final List<String> featureNames;
  private final Output output;

  /** What the graph gives. */
  enum Output {
    PREDICTIONS,
    MARGINS
  }

  private ModelConverter(
      Booster booster, OnnxValue.Type inputType, List<String> featureNames, Output output) {
    this.booster = booster;
    this.inputType = inputType;
    this.featureNames = List.copyOf(featureNames);
    this.output = output;
  }

  /**
   * Reads a model of XGBoost: JSON, UBJSON, or the binary format of old versions. Of a booster that
   * was stopped early only the trees up to its best iteration count.
   *
   * @throws UnreadableModelException if it is no such model, or one that cannot be converted
   */
  public static ModelConverter xgboost(byte[] model) {
    return xgboost(model, XgboostReader.Iterations.BEST);
  }

  /**
   * Reads a model of XGBoost from a file.
   *
   * @throws IOException if the file cannot be read
   * @throws UnreadableModelException if it is no such model, or one that cannot be converted
   */
  public static ModelConverter xgboost(Path file) throws IOException {
    return xgboost(Files.readAllBytes(file));
  }

  /**
   * Reads a model of XGBoost.
   *
   * @param iterations which trees count if the booster was stopped early
   * @throws UnreadableModelException if it is no such model, or one that cannot be converted
   */
  public static ModelConverter xgboost(byte[] model, XgboostReader.Iterations iterations) {
    byte[] readable = LegacyXgboost.is(model) ? LegacyXgboost.toUbj(model) : model;
    return new ModelConverter(
        XgboostReader.read(readable, iterations),
        OnnxValue.Type.FLOAT,
        List.of(),
        Output.PREDICTIONS);
  }

  /**
   * Reads a model of LightGBM: text, or the JSON of {@code dump_model}.
   *
   * @throws UnreadableModelException if it is no such model, or one that cannot be converted
   */
  public static ModelConverter lightgbm(byte[] model) {
    return new ModelConverter(
        LightgbmReader.trees(model), OnnxValue.Type.DOUBLE, List.of(), Output.PREDICTIONS);
  }

  /**
   * Reads a model of LightGBM from a file.
   *
   * @throws IOException if the file cannot be read
   * @throws UnreadableModelException if it is no such model, or one that cannot be converted
   */
  public static ModelConverter lightgbm(Path file) throws IOException {
    return lightgbm(Files.readAllBytes(file));
  }

  /** What was read. */
  public Booster booster() {
    return booster;
  }

  /**
   * Gives the graph one input {@code double[N,1]} per feature. By default there is one matrix.
   *
   * @param names one per feature, in the order of training; all different, none empty
   */
  public ModelConverter withFeatureNames(List<String> names) {
    int features = booster.head().features();
    if (names.size() != features
        || new HashSet<>(names).size() != features
        || names.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "cannot name the features "
              + names
              + ": the model needs "
              + features
              + " different names, none of them empty");
    }
    return new ModelConverter(booster, inputType, names, output);
  }

  /**
   * Sets the type of the matrix: FLOAT (default for XGBoost, which computes in float) or DOUBLE
   * (default for LightGBM; a float matrix is widened exactly, as LightGBM does it).
   */
  public ModelConverter withInputType(OnnxValue.Type type) {
    if (type != OnnxValue.Type.FLOAT && type != OnnxValue.Type.DOUBLE) {
      throw new IllegalArgumentException(
          "cannot set the input's type to " + type + ": it must be FLOAT or DOUBLE");
    }
    return new ModelConverter(booster, type, featureNames, output);
  }

  /**
   * Gives the margins instead of predictions: the sums over the trees before the link (for a random
   * forest of LightGBM the averages). For ranking or for calibration outside.
   */
  public ModelConverter withRawMargins() {
    return new ModelConverter(booster, inputType, featureNames, Output.MARGINS);
  }

  /** The ONNX file. */
  public byte[] toOnnx() {
    return StandaloneGraph.write(booster, inputType, featureNames, output);
  }
}
