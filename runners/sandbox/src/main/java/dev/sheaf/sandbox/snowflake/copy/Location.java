package dev.sheaf.sandbox.snowflake.copy;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where files of a COPY lie: a folder of this machine and a prefix that their names start with.
 *
 * @param prefix empty where the location ends in a slash
 */
public record Location(Path folder, String prefix) {
  /** Reads a path or a {@code file://} URL. */
  public static Location of(String location) {
    String text = location;
    if (text.startsWith("file://")) {
      text = text.substring("file://".length());
    }
    if (text.matches("[a-z0-9]+://.*")) {
      throw SnowflakeException.unsupported(
          "the location '" + location + "': files lie in a directory of this machine");
    }
    if (text.endsWith("/")) {
      return new Location(Path.of(text), "");
    }
    Path path = Path.of(text);
    Path parent = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path) || parent == null) {
      return new Location(path, "");
    }
    return new Location(parent, String.valueOf(path.getFileName()));
  }

  /** The files here: those listed, or those whose path matches the pattern. */
  public List<Path> files(@Nullable List<String> listed, @Nullable String pattern) {
    if (listed != null) {
      List<Path> files = new ArrayList<>();
      for (String name : listed) {
        Path file = folder.resolve(prefix.isEmpty() ? stripSlash(name) : prefix + name);
        if (!Files.isRegularFile(file)) {
          throw new SnowflakeException(
              2203,
              "02000",
              "Remote file '"
                  + file
                  + "' was not found. If you are running a copy command, please"
                  + " make sure files are not deleted when they are being loaded.");
        }
        files.add(file);
      }
      return files;
    }
    Pattern wanted = pattern == null ? null : Pattern.compile(pattern);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.walk(folder)) {
      return found
          .filter(Files::isRegularFile)
          .filter(f -> folder.relativize(f).toString().startsWith(prefix))
          .filter(f -> wanted == null || wanted.matcher(f.toString()).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SnowflakeException(
          100016, "22000", "Cannot list the files in '" + folder + "': " + e.getMessage(), e);
    }
  }

  private static String stripSlash(String name) {
    return name.startsWith("/") ? name.substring(1) : name;
  }
}
