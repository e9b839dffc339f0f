package dev.sheaf.transforms.snowflake;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A password or key that is looked up where a connection is opened, and never printed.
 *
 * <p>A job carries only the <em>name</em> of an environment variable or file: {@link
 * #fromEnvironment} and {@link #fromFile} are read on each worker, when it connects. A secret made
 * by {@link #of} is itself part of the serialized job, readable by whoever can read the job: use it
 * for tests and local servers.
 */
public abstract sealed class Secret implements Serializable {
  private Secret() {}

  /**
   * The value of an environment variable of the machine that connects.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  public static Secret fromEnvironment(String variable) {
    if (variable.isBlank()) {
      throw new IllegalArgumentException(
          "Cannot take a secret from the environment: the variable's name is empty.");
    }
    return new Environment(variable);
  }

  /** The content of a UTF-8 file of the machine that connects, without its last line break. */
  public static Secret fromFile(Path file) {
    return new InFile(file.toAbsolutePath().toString());
  }

  /** A secret known now; it travels with the job. */
  public static Secret of(String text) {
    return new Text(text);
  }

  /**
   * Looks the secret up.
   *
   * @throws IllegalArgumentException if the variable is not set or the file cannot be read
   */
  abstract String reveal();

  /** What the secret is, for comparison: never its text, where that is only referred to. */
  abstract Object reference();

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Secret secret
        && secret.getClass() == getClass()
        && secret.reference().equals(reference());
  }

  @Override
  public final int hashCode() {
    return Objects.hash(getClass(), reference());
  }

  private static final class Environment extends Secret {
    private final String variable;

    Environment(String variable) {
      this.variable = variable;
    }

    @Override
    String reveal() {
      @Nullable String value = System.getenv(variable);
      if (value == null) {
        throw new IllegalArgumentException(
            "Cannot read a secret: the environment variable " + variable + " is not set.");
      }
      return value;
    }

    @Override
    Object reference() {
      return variable;
    }

    @Override
    public String toString() {
      return "the environment variable " + variable;
    }
  }

  private static final class InFile extends Secret {
    private final String path;

    InFile(String path) {
      this.path = path;
    }

    @Override
    String reveal() {
      try {
        String text = Files.readString(Path.of(path));
        if (text.endsWith("\n")) {
          text = text.substring(0, text.length() - (text.endsWith("\r\n") ? 2 : 1));
        }
        return text;
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "Cannot read a secret: the file " + path + " cannot be read as UTF-8 text.", e);
      }
    }

    @Override
    Object reference() {
      return path;
    }

    @Override
    public String toString() {
      return "the file " + path;
    }
  }

  private static final class Text extends Secret {
    private final String text;

    Text(String text) {
      this.text = text;
    }

    @Override
    String reveal() {
      return text;
    }

    @Override
    Object reference() {
      return text;
    }

    @Override
    public String toString() {
      return "***";
    }
  }
}
