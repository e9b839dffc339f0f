package dev.sheaf.runner.expansion;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.junit.jupiter.api.Test;

/** What docs/embedding.md and the examples name, against what there is. */
final class EmbeddingPageTest {
  private static final Path ROOT = Path.of("..", "..");

  @Test
  void thePageNamesEveryTransformAndExample() throws Exception {
    String page = Files.readString(ROOT.resolve("docs").resolve("embedding.md"));
    for (SchemaTransformProvider provider : ours()) {
      assertTrue(
          page.contains("`" + provider.identifier().split(":", -1)[3] + "`"), provider::identifier);
    }
    for (String example : List.of("train_and_score.py", "nightly.yaml", "score.yaml")) {
      assertTrue(page.contains(example), example);
      assertTrue(Files.exists(Path.of("examples", example)), example);
    }
  }

  @Test
  void thePythonOfThePageIsThatOfTheExample() throws Exception {
    String page = Files.readString(ROOT.resolve("docs").resolve("embedding.md"));
    int start = page.indexOf("def sheaf(");
    String wrapper = page.substring(start, page.indexOf("\n\n", start));
    String example = Files.readString(Path.of("examples", "train_and_score.py"));
    assertTrue(example.contains(wrapper), wrapper);
  }

  private static List<SchemaTransformProvider> ours() {
    return ServiceLoader.load(SchemaTransformProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(each -> each.identifier().startsWith("beam:schematransform:dev.sheaf:"))
        .toList();
  }
}
