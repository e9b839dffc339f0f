package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ConvertCommandTest {
  private static final String MODEL =
      """
      tree
      version=v3
      max_feature_idx=1
      objective=regression

      Tree=0
      num_leaves=2
      split_feature=1
      threshold=5
      decision_type=2
      left_child=-1
      right_child=-2
      leaf_value=0.43 0.59

      end of trees
      """;

  @TempDir private Path folder = Path.of("");
  private Path model = Path.of("");
  private Path onnx = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeModel() throws IOException {
    model = Files.writeString(folder.resolve("model.txt"), MODEL);
    onnx = folder.resolve("model.onnx");
  }

  private int convert(String... more) {
    CommandLine command = Sheaf.commandLine();
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    String[] args = new String[more.length + 2];
    args[0] = "models";
    args[1] = "convert";
    System.arraycopy(more, 0, args, 2, more.length);
    return command.execute(args);
  }

  @Test
  void convertsAndSaysWhat() throws IOException {
    assertEquals(0, convert("--from", model.toString(), "--to", onnx.toString()), err::toString);
    assertEquals(
        onnx + ": lightgbm, objective 'regression', 1 trees, 2 features", out.toString().strip());
    assertTrue(Files.size(onnx) > 0);
    byte[] matrix = Files.readAllBytes(onnx);
    String[] named = {
      "--from", model.toString(), "--to", onnx.toString(), "--feature-names", "a,b", "--raw"
    };
    assertEquals(0, convert(named), err::toString);
    assertFalse(Arrays.equals(matrix, Files.readAllBytes(onnx)));
  }

  @Test
  void aFileOfAnotherFormatIsTwo() {
    assertEquals(
        2, convert("--from", model.toString(), "--to", onnx.toString(), "--format", "xgboost"));
    assertEquals(
        "sheaf models convert: cannot read an XGBoost model: it must be JSON or UBJSON and begin"
            + " with '{'",
        err.toString().strip());
    assertFalse(Files.exists(onnx));
  }

  @Test
  void aFileThatIsNotThereIsTwo() {
    String missing = folder.resolve("none").toString();
    assertEquals(2, convert("--from", missing, "--to", onnx.toString()));
    assertEquals("sheaf models convert: cannot find " + missing, err.toString().strip());
  }

  @Test
  void wrongFeatureNamesAreTwo() {
    assertEquals(
        2, convert("--from", model.toString(), "--to", onnx.toString(), "--feature-names", "a,a"));
    assertEquals(
        "sheaf models convert: cannot name the features [a, a]: the model needs 2 different names,"
            + " none of them empty",
        err.toString().strip());
  }

  @Test
  void aFolderThatIsNotThereIsTwo() {
    String nowhere = folder.resolve("no/such/folder/model.onnx").toString();
    assertEquals(2, convert("--from", model.toString(), "--to", nowhere));
    assertEquals("sheaf models convert: cannot find " + nowhere, err.toString().strip());
  }

  @Test
  void aMissingOptionIsTwo() {
    assertEquals(2, convert("--from", model.toString()));
    assertTrue(err.toString().contains("--to"), err::toString);
  }
}
