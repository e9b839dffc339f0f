package dev.sheaf.sandbox.process;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The jars of somebody else's server, which are on no class path of Sheaf: a module of the build
 * names them and writes where Maven keeps them into {@code target/dependencies}.
 *
 * <p>The module is {@code runners/sandbox/NAME}. Its folder is found from the system property
 * {@code sheaf.home}, from where this class was loaded, or from the working directory, upwards. If
 * the file is missing, or older than the module's pom, Maven makes it, which downloads the jars the
 * first time.
 *
 * @param module the folder of the module
 */
public record Distribution(Path module) {
  private static final String HOME = "sheaf.home";
  private static final Path MODULES = Path.of("runners", "sandbox");
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(10);

  /**
   * The distribution of a name: {@code kafka} or {@code flink}.
   *
   * @throws SandboxException if Sheaf's own folder cannot be found
   */
  public static Distribution named(String name) {
    Path relative = MODULES.resolve(name);
    List<Path> starts = new ArrayList<>();
    Optional.ofNullable(System.getProperty(HOME)).map(Path::of).ifPresent(starts::add);
    ownPlace().ifPresent(starts::add);
    starts.add(Path.of(""));
    return starts.stream()
        .flatMap(start -> Stream.iterate(start.toAbsolutePath(), Objects::nonNull, Path::getParent))
        .map(folder -> folder.resolve(relative))
        .filter(module -> Files.exists(module.resolve("pom.xml")))
        .findFirst()
        .map(Distribution::new)
        .orElseThrow(
            () ->
                new SandboxException(
                    "cannot find "
                        + relative.resolve("pom.xml")
                        + " above "
                        + starts
                        + ": name Sheaf's folder with -D"
                        + HOME
                        + "=DIR"));
  }

  /** Whether the class path is there, so that {@link #classPath} will not ask Maven for it. */
  public boolean isFetched() {
    try {
      return isMade(file());
    } catch (IOException e) {
      return false; // To be made again.
    }
  }

  private Path file() {
    return module.resolve("target").resolve("dependencies");
  }

  private static Optional<Path> ownPlace() {
    try {
      URI place = Distribution.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Optional.of(Path.of(place));
    } catch (URISyntaxException | RuntimeException e) {
      return Optional.empty(); // Loaded from nowhere that is a folder: the other ways remain.
    }
  }

  /**
   * The class path of the server, in the form of this platform.
   *
   * @throws SandboxException if it had to be made and Maven failed
   */
  public String classPath() {
    Path file = file();
    try {
      if (!isMade(file)) {
        make(file);
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new SandboxException("cannot read " + file + ": " + e, e);
    }
  }

  private boolean isMade(Path file) throws IOException {
    if (!Files.exists(file)
        || Files.getLastModifiedTime(file)
                .compareTo(Files.getLastModifiedTime(module.resolve("pom.xml")))
            < 0) {
      return false;
    }
    return Stream.of(Files.readString(file).strip().split(File.pathSeparator, -1))
        .allMatch(jar -> Files.exists(Path.of(jar)));
  }

  private void make(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (FileChannel lock =
            FileChannel.open(
                file.resolveSibling("dependencies.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !isMade(file)) {
        runMaven(file);
      }
    }
  }

  private void runMaven(Path file) throws IOException {
    Path log = file.resolveSibling("dependencies.log");
    Files.deleteIfExists(file); // Maven leaves it alone, and old, when it would say the same.
    Process maven;
    try {
      maven =
          new ProcessBuilder("mvn", "-B", "-q", "-Dstyle.color=never", "generate-resources")
              .directory(module.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new SandboxException(
          "cannot fetch the jars of " + module.getFileName() + ": no mvn on the PATH", e);
    }
    boolean ended;
    try {
      ended = maven.waitFor(BUILD_LIMIT.toMinutes(), TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      maven.destroy();
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while Maven fetched jars", e);
    }
    maven.destroy();
    if (!ended || maven.exitValue() != 0 || !isMade(file)) {
      throw new SandboxException(
          "cannot fetch the jars of " + module.getFileName() + "; " + LogText.end(log, 0));
    }
  }
}
