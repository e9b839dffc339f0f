package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every row of the comparison with Beam Python names Beam's source and a test that exists. */
final class ComparisonPageTest {
  private static final String PAGE = "docs/run-inference-compared.md";

  /** {@code [label]: target}. */
  private static final Pattern DEFINITION = Pattern.compile("(?m)^\\[([^\\]]+)\\]: (\\S+)$");

  /** {@code [text][label]}, or {@code [label]} alone. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\[([^\\]\\[]+)\\](?:\\[([^\\]\\[]+)\\]|(?![\\[(]))");

  private static final Pattern VERSION = Pattern.compile("<beam.version>([^<]+)</beam.version>");

  /** What is compared, theirs, ours and, but where theirs is better, the tests. */
  private record Line(String what, String theirs, String ours, String shownBy) {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve(PAGE))) {
      folder = Objects.requireNonNull(folder.getParent(), "no folder has " + PAGE);
    }
    return folder;
  }

  private static List<Line> lines(String page) {
    List<Line> lines = new ArrayList<>();
    for (String line : page.lines().filter(text -> text.startsWith("| ")).toList()) {
      List<String> cells = List.of(line.substring(1).strip().split("\\s*\\|\\s*", -1));
      if (!cells.get(0).isBlank()) {
        lines.add(
            new Line(
                cells.get(0), cells.get(1), cells.get(2), cells.size() > 4 ? cells.get(3) : ""));
      }
    }
    return lines;
  }

  private static Map<String, String> definitions(String page) {
    Map<String, String> definitions = new HashMap<>();
    Matcher matcher = DEFINITION.matcher(page);
    while (matcher.find()) {
      String twice = definitions.put(matcher.group(1), matcher.group(2));
      assertNull(twice, matcher.group(1));
    }
    return definitions;
  }

  private static String target(MatchResult reference, Map<String, String> definitions) {
    String label = reference.group(2) == null ? reference.group(1) : reference.group(2);
    return Objects.requireNonNull(definitions.get(label), "a link without a target: " + label);
  }

  @Test
  void everyRowNamesBeamsSourceAndTestsThatExist() throws IOException {
    Path root = root();
    String page = Files.readString(root.resolve(PAGE));
    Map<String, String> definitions = definitions(page);
    List<Line> lines = lines(page);
    int shown = 0;
    for (Line line : lines) {
      assertFalse(line.ours().isBlank(), line.what());
      for (MatchResult link : REFERENCE.matcher(line.theirs()).results().toList()) {
        assertTrue(target(link, definitions).startsWith("https://"), line.what());
      }
      List<MatchResult> tests = REFERENCE.matcher(line.shownBy()).results().toList();
      assertEquals(line.shownBy().isEmpty(), tests.isEmpty(), line.what() + ": no test");
      for (MatchResult test : tests) {
        assertTest(root, test.group(1), target(test, definitions));
      }
      shown += tests.isEmpty() ? 0 : 1;
    }
    assertTrue(shown >= 20, shown + " rows with a test");
    assertTrue(lines.size() - shown >= 5, "rows where theirs is better");
  }

  private static void assertTest(Path root, String method, String target) throws IOException {
    Path file = root.resolve("docs").resolve(target).normalize();
    assertTrue(Files.exists(file), target);
    String source = Files.readString(file);
    int at = source.indexOf("void " + method + "(");
    assertTrue(at >= 0, method + " in " + target);
    String before = source.substring(0, at);
    int annotation =
        Stream.of("@Test\n", "@ParameterizedTest", "@Property")
            .mapToInt(before::lastIndexOf)
            .max()
            .orElseThrow();
    assertTrue(
        annotation >= 0 && !before.substring(annotation).contains("void "),
        method + " in " + target + " is no test");
  }

  @Test
  void beamsSourceIsThatOfTheVersionBuiltWith() throws IOException {
    Path root = root();
    Matcher version = VERSION.matcher(Files.readString(root.resolve("pom.xml")));
    assertTrue(version.find());
    String page = Files.readString(root.resolve(PAGE));
    List<String> sources =
        definitions(page).values().stream()
            .filter(target -> target.startsWith("https://github.com/apache/beam/"))
            .toList();
    assertTrue(sources.size() > 20);
    for (String source : sources) {
      assertTrue(
          source.startsWith("https://github.com/apache/beam/blob/v" + version.group(1) + "/"),
          source);
    }
    assertTrue(page.contains("Beam Python " + version.group(1)));
  }
}
