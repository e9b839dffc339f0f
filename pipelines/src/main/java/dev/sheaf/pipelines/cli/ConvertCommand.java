package dev.sheaf.pipelines.cli;

import dev.sheaf.models.convert.ModelConverter;
import dev.sheaf.models.trees.Booster;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Converts a model file of XGBoost or LightGBM to ONNX. */
@Command(
    name = "convert",
    description = "Converts a model of XGBoost or LightGBM to ONNX; see docs/converters.md.",
    mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {
  /** The libraries whose files are converted. */
  enum Format {
    AUTO,
    XGBOOST,
    LIGHTGBM
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "FILE",
      description = "XGBoost: JSON, UBJSON or binary. LightGBM: text or JSON dump.")
  private Path from = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The ONNX file to write; one that exists is replaced.")
  private Path to = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "xgboost or lightgbm; told from the file if left out.")
  private Format format = Format.AUTO;

  @Option(
      names = "--feature-names",
      split = ",",
      paramLabel = "NAME",
      description = "One input per feature, in the order of training, instead of one matrix.")
  private List<String> featureNames = new ArrayList<>();

  @Option(names = "--raw", description = "Give margins instead of predictions.")
  private boolean raw;

  @Option(names = "--verbose", description = "Show stack traces.")
  private boolean verbose;

  @Override
  public Integer call() {
    try {
      byte[] model = Files.readAllBytes(from);
      ModelConverter converter =
          isLightgbm(model) ? ModelConverter.lightgbm(model) : ModelConverter.xgboost(model);
      if (!featureNames.isEmpty()) {
        converter = converter.withFeatureNames(featureNames);
      }
      if (raw) {
        converter = converter.withRawMargins();
      }
      Files.write(to, converter.toOnnx());
      report(converter.booster());
      return 0;
    } catch (NoSuchFileException e) {
      String line = "cannot find " + e.getFile();
      return report(new Failure(Failure.WRONG_OPTION, line), e);
    } catch (IOException | RuntimeException e) {
      return report(Failure.whileBuilding(e), e);
    }
  }

  /** LightGBM's text begins with its word; its dump of JSON has its list of trees. */
  private boolean isLightgbm(byte[] model) {
    if (format != Format.AUTO) {
      return format == Format.LIGHTGBM;
    }
    String beginning = new String(model, 0, Math.min(model.length, 64), StandardCharsets.UTF_8);
    return beginning.startsWith("tree")
        || (beginning.startsWith("{")
            && beginning.replaceAll("\\s", "").startsWith("{\"name\":\"tree\""));
  }

  private void report(Booster booster) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s: %s, objective '%s', %d trees, %d features%n",
        to,
        booster.head().library(),
        booster.head().objective(),
        booster.trees(),
        booster.head().features());
    out.flush();
  }

  private int report(Failure failure, Exception thrown) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sheaf models convert: " + failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }
}
