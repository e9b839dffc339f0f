package dev.sheaf.sandbox.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A main class with all that a JVM needs to run it.
 *
 * @param mainClass its full name
 * @param classPath in the form of this platform
 * @param options of the JVM, such as {@code -Xmx256m}
 * @param arguments of the main class
 */
public record JavaCommand(
    String mainClass, String classPath, List<String> options, List<String> arguments) {
  public JavaCommand {
    if (mainClass.isBlank() || classPath.isBlank()) {
      throw new IllegalArgumentException(
          "cannot run '" + mainClass + "' from '" + classPath + "': neither may be empty");
    }
    options = List.copyOf(options);
    arguments = List.copyOf(arguments);
  }

  /** The words of the command, with the Java of this JVM. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(options);
    words.addAll(List.of("-cp", classPath, mainClass));
    words.addAll(arguments);
    return words;
  }
}
