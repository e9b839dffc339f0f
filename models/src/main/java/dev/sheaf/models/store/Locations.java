package dev.sheaf.models.store;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads store locations: local paths and URIs. */
final class Locations {
  // One letter and a colon is a drive.
  private static final Pattern SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL);

  private Locations() {}

  /** A location with no slash at its end; a local one as an absolute path. */
  static String normalize(String location) {
    if (location.isBlank()) {
      throw new IllegalArgumentException(
          "cannot use an empty text as a model store's location; valid are a path such as"
              + " /models/sales and a URI such as s3://models/sales");
    }
    if (scheme(location).isEmpty()) {
      return Path.of(location).toAbsolutePath().normalize().toString();
    }
    if (scheme(location).get().equals("file")) {
      try {
        return Path.of(URI.create(location)).toAbsolutePath().normalize().toString();
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "cannot use "
                + location
                + " as a model store's location: it is not a file URI such as file:///models/sales",
            e);
      }
    }
    String trimmed = location;
    while (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed;
  }

  /** The files of a normalized location. */
  static StoreFiles filesOf(String location) {
    Optional<String> scheme = scheme(location);
    if (scheme.isEmpty()) {
      return LocalStoreFiles.INSTANCE;
    }
    try {
      for (StoreFilesProvider provider : ServiceLoader.load(StoreFilesProvider.class)) {
        Optional<StoreFiles> files = provider.forScheme(scheme.get());
        if (files.isPresent()) {
          return files.get();
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new StoreException("cannot look up the file system of " + location, e);
    }
    throw new StoreException(
        "cannot reach the model store "
            + location
            + ": no file system for \""
            + scheme.get()
            + ":\" is on the class path; valid are local paths, file: and what the Beam file"
            + " systems on the class path bring");
  }

  private static Optional<String> scheme(String location) {
    Matcher matcher = SCHEME.matcher(location);
    return matcher.matches()
        ? Optional.of(matcher.group(1).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }
}
