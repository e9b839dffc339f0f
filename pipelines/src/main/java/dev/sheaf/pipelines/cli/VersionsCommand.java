package dev.sheaf.pipelines.cli;

import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf models versions}: the versions of a model store, the latest last. */
@Command(
    name = "versions",
    description = "Lists the versions of a model store, the latest last, and what serves.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class VersionsCommand extends StoreCommand {
  @Option(
      names = "--alias",
      paramLabel = "NAME",
      description = "Alias to show; champion unless set.")
  private String alias = ModelStore.CHAMPION;

  @Override
  int run(String modelStore, PrintWriter out) {
    ModelStore store = ModelStore.at(modelStore);
    Optional<Alias> served = store.alias(alias);
    for (VersionId version : store.versions()) {
      out.println(
          String.format(
                  Locale.ROOT,
                  "%s  %,7d models  %s",
                  version,
                  store.version(version).manifest().models(),
                  served.map(serving -> served(serving, version)).orElse(""))
              .stripTrailing());
    }
    if (served.isEmpty()) {
      out.println("the alias " + alias + " serves nothing");
    }
    return 0;
  }

  private String served(Alias serving, VersionId version) {
    if (serving.version().equals(version)) {
      return alias;
    }
    long keys = serving.overrides().values().stream().filter(version::equals).count();
    return keys == 0 ? "" : String.format(Locale.ROOT, "%s for %,d keys", alias, keys);
  }
}
