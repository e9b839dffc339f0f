package dev.sheaf.sandbox.warehouse;

import dev.sheaf.sandbox.process.SandboxException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * What a warehouse keeps on disk.
 *
 * @param path the folder
 */
record WarehouseFolder(Path path) {
  /**
   * @param port to listen on
   * @param memory DuckDB's limit in MB
   * @param heap of the JVM in MiB
   */
  record Settings(int port, int memory, int heap) {}

  Path database() {
    return path.resolve("warehouse.duckdb");
  }

  Path passwordFile() {
    return path.resolve("password");
  }

  private Path properties() {
    return path.resolve("server.properties");
  }

  void write(Settings settings) {
    try {
      Files.createDirectories(path);
      Files.writeString(
          properties(),
          "port=%d\nmemory=%d\nheap=%d\n"
              .formatted(settings.port(), settings.memory(), settings.heap()));
      if (!Files.exists(passwordFile())) {
        writePassword();
      }
    } catch (IOException e) {
      throw new SandboxException("cannot write to " + path + ": " + e, e);
    }
  }

  private void writePassword() throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
      Files.createFile(
          passwordFile(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(passwordFile(), HexFormat.of().formatHex(random));
  }

  String password() {
    try {
      return Files.readString(passwordFile());
    } catch (IOException e) {
      throw new SandboxException("cannot read " + passwordFile() + ": " + e, e);
    }
  }

  /** The port that the folder's warehouse had, if it had one. */
  Optional<Integer> port() {
    return Files.exists(properties()) ? Optional.of(read().port()) : Optional.empty();
  }

  Settings read() {
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(properties())) {
      values.load(reader);
      return new Settings(
          Integer.parseInt(values.getProperty("port")),
          Integer.parseInt(values.getProperty("memory")),
          Integer.parseInt(values.getProperty("heap")));
    } catch (IOException | NumberFormatException e) {
      throw new SandboxException(
          "cannot read " + properties() + ": it is not as a warehouse left it: " + e, e);
    }
  }
}
