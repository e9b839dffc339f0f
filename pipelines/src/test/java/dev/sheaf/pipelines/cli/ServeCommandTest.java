package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.Verdict;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at a store's versions and lets others serve. */
final class ServeCommandTest {
  private static final VersionId FIRST = VersionId.at(Instant.parse("2026-11-01T01:02:03.004Z"));
  private static final VersionId SECOND = VersionId.at(Instant.parse("2026-11-02T05:06:07.008Z"));

  private final ModelStore store;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  ServeCommandTest(@TempDir Path folder) {
    store = ModelStore.at(folder.resolve("models").toString());
    publish(FIRST, null, "a", "b", "c");
    publish(SECOND, "b", "a", "b");
    store.promote(ModelStore.CHAMPION, store.version(SECOND).aliasAsPublished());
  }

  private void publish(VersionId version, @Nullable String rejected, String... keys) {
    VersionWriter writer = store.write(version);
    List<CandidateModel> models =
        Stream.of(keys)
            .map(key -> CandidateModel.of(key, new byte[] {8, 9}, 10, Map.of()))
            .toList();
    List<Verdict> verdicts =
        rejected == null
            ? List.of()
            : List.of(
                new Verdict(rejected, EntryStatus.REJECTED, "worse", 2.0, FIRST, 1.0),
                new Verdict("c", EntryStatus.KEPT, "gone", null, FIRST, null));
    writer.commit(List.of(writer.writeShard(0, 1, models)), verdicts, Map.of());
  }

  private int models(String... args) {
    List<String> all = new ArrayList<>(List.of("models"));
    all.addAll(List.of(args));
    all.add("--model-store=" + store.location());
    return Sheaf.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  private String served(String key) {
    return store.champion().resolve().find(key).map(ModelRef::version).orElseThrow().text();
  }

  @Test
  void listsVersionsAndWhatServes() {
    assertEquals(0, models("versions"), err::toString);
    assertEquals(
        """
        20261101T010203.004Z        3 models  champion for 2 keys
        20261102T050607.008Z        2 models  champion
        """,
        out.toString().replace(System.lineSeparator(), "\n"));
  }

  @Test
  void rollsBackAllAndForwardAgainAsItWasPublished() {
    assertEquals(0, models("serve", "--model-version", FIRST.text()), err::toString);
    assertEquals(FIRST.text(), served("a"));
    assertEquals(0, models("serve", "--model-version=" + SECOND), err::toString);
    assertEquals(SECOND.text(), served("a"));
    assertEquals(FIRST.text(), served("b"));
    assertEquals(FIRST.text(), served("c"));
    assertTrue(
        out.toString()
            .contains("champion serves version " + SECOND + ", and other versions for 2 keys"),
        out::toString);
  }

  @Test
  void rollsBackOneKey() {
    assertEquals(0, models("serve", "--model-version", FIRST.text(), "--key", "a"), err::toString);
    assertEquals(FIRST.text(), served("a"));
    assertEquals(SECOND, store.alias(ModelStore.CHAMPION).map(Alias::version).orElseThrow());
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals(Failure.WRONG_OPTION, models("serve", "--model-version", "yesterday"));
    assertEquals(
        Failure.WRONG_OPTION,
        models("serve", "--model-version", FIRST.text(), "--alias=x", "--key=a"));
    assertTrue(err.toString().contains("found 'yesterday'"), err::toString);
    assertTrue(err.toString().contains("--key: the alias x serves nothing yet"), err::toString);
    err.getBuffer().setLength(0);
    assertTrue(models("serve", "--model-version", FIRST.text(), "--key=nobody") != 0);
    assertTrue(err.toString().contains("has no model for it"), err::toString);
    assertEquals(SECOND.text(), served("a"));
  }
}
