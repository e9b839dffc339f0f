package dev.sheaf.pipelines.cli;

import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.pipelines.OptionException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf models serve}: lets a version serve, all keys or some; also to roll back. */
@Command(
    name = "serve",
    description = {
      "Lets a version serve: as it did when it was published, or for the keys that are named.",
      "Jobs that refresh take it up while they run; to roll back, name an earlier version."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ServeCommand extends StoreCommand {
  @Option(
      names = {"--model-version", "--modelVersion"},
      required = true,
      paramLabel = "VERSION",
      description = "Version, as sheaf models versions lists it.")
  private String version = "";

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Only this key changes; may be repeated.")
  private List<String> keys = new ArrayList<>();

  @Option(
      names = "--alias",
      paramLabel = "NAME",
      description = "Alias to change; champion unless set.")
  private String alias = ModelStore.CHAMPION;

  @Override
  int run(String modelStore, PrintWriter out) {
    ModelStore store = ModelStore.at(modelStore);
    if (!VersionId.isValid(version)) {
      throw new OptionException(
          "--model-version: a version such as 20261120T235110.123Z is needed, found '"
              + version
              + "'");
    }
    ModelVersion served = store.version(VersionId.ofText(version));
    Alias changed = keys.isEmpty() ? served.aliasAsPublished() : overridden(store, served.id());
    store.promote(alias, changed);
    out.println(
        String.format(
            Locale.ROOT,
            "%s serves version %s, and other versions for %,d keys",
            alias,
            changed.version(),
            changed.overrides().size()));
    return 0;
  }

  private Alias overridden(ModelStore store, VersionId to) {
    Alias changed =
        store
            .alias(alias)
            .orElseThrow(
                () ->
                    new OptionException(
                        "--key: the alias " + alias + " serves nothing yet; leave out --key"));
    for (String key : keys) {
      changed = changed.withOverride(ModelScope.key(key).storeKey(), to);
    }
    return changed;
  }
}
