package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code sheaf train} refuses before it reads anything: there is no warehouse to ask. */
final class TrainCommandTest {
  @TempDir private Path folder = Path.of("");

  private record Ran(int exitCode, String err) {}

  private Ran train(String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--warehouseUrl=jdbc:snowflake://127.0.0.1:1/?ssl=off&account=local",
                "--warehouseUser=SHEAF",
                "--warehousePassword=file:" + folder.resolve("password"),
                "--warehouseDatabase=SHEAF",
                "--staging=" + folder + "/",
                "--sourceTable=SALES",
                "--key=STORE",
                "--label=SALES",
                "--modelStore=" + folder.resolve("models")));
    Stream.of(options).filter(option -> !option.isEmpty()).forEach(arguments::add);
    StringWriter err = new StringWriter();
    int exitCode =
        Sheaf.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute(arguments.toArray(String[]::new));
    return new Ran(exitCode, err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --trainer=forest || --trainer: cannot use trainer 'forest'
          --trainer=xgboost:rounds=0 || --trainer: cannot set parameter 'rounds' of xgboost to '0'
          --holdout=half || --holdout: cannot read holdout 'half'
          --holdout=rolling:DATE:0:0.1 || --holdout: cannot read holdout 'rolling:DATE:0:0.1'
          --baseline=nothing || --baseline: cannot use trainer 'nothing'
          --baseline=xgboost:objective=binary || --baseline: "xgboost:objective=binary" predicts classes, but --trainer "linear" numbers: both must do the same
          --minimumRows=-1 || --minimumRows: found -1; valid are 0 and more
          --maximumRows=0 || --maximumRows: found 0; valid are 1 and more
          --sampleRows=-5 || --sampleRows: found -5; valid are 1 and more
          --sampleRows=5 | --maximumRows=7 | give one of --maximumRows (a larger key gets no model), found 7, and --sampleRows (it is trained on a sample), found 5
          --sampleSeed=3 || --sampleSeed: found 3 without --sampleRows
          --maximumBytes=0 || --maximumBytes: found 0; valid are 1 and more
          --keyGroups=0 || --keyGroups: found 0; valid are 1 and more
          --timeLimit=10m || --timeLimit: found "10m"; valid is a time above zero, such as PT10M
          --timeLimit=PT0S || --timeLimit: found "PT0S"; valid is a time above zero, such as PT10M
          --modelVersion=v1 || --modelVersion: cannot
          --promoteTolerance=-0.5 || --promoteTolerance: found -0.5; valid are 0 and more
          --promoteTolerance=0.5 | --promote=ALWAYS | --promoteTolerance: found 0.5 with --promote=ALWAYS; it is for --promote=BETTER
          --promote=SOMETIMES || --promote: found "SOMETIMES"; valid are ALWAYS, BETTER, NEVER
          --maximumRows=many || --maximumRows: found "many"; valid is a whole number up to 2147483647
          --sampleSeed=x | --sampleRows=1 | --sampleSeed: found "x"; valid is a whole number
          --promoteTolerance=a || --promoteTolerance: found "a"; valid is a number
          --globalModel=perhaps || --globalModel: found "perhaps"; valid are true, false
          --ledgerTable=a.b.c.d || --ledgerTable:
          --heldOutTable=a.b.c.d || --heldOutTable:
          --curvesTable=a.b.c.d || --curvesTable:
          --importanceTable=a.b.c.d || --importanceTable:
          --frobnicate=1 || frobnicate
          """)
  void aWrongValueIsOneLineAndExitCodeTwo(String first, @Nullable String second, String message)
      throws IOException {
    Ran ran = train(first, second == null ? "" : second);
    assertEquals(2, ran.exitCode(), ran.err());
    assertEquals(1, ran.err().lines().count(), ran.err());
    assertTrue(ran.err().startsWith("sheaf train: "), ran.err());
    assertTrue(ran.err().contains(message.strip()), ran.err());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void aBlankRunIdIsRefused() {
    Ran ran = train("--runId= ");
    assertEquals(2, ran.exitCode(), ran.err());
    assertTrue(ran.err().contains("--runId: found \" \""), ran.err());
  }
}
