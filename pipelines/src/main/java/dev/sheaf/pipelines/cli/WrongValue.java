package dev.sheaf.pipelines.cli;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Finds the argument that Beam could not read: its own message names neither the option nor, of a
 * number, what is valid.
 */
final class WrongValue {
  private WrongValue() {}

  /** One line on the first argument that cannot be read by itself; empty if each can. */
  static Optional<String> among(
      List<String> arguments, Class<? extends PipelineOptions> optionsClass) {
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (argument.startsWith("--") && equals > 2 && !isReadable(argument, optionsClass)) {
        String name = argument.substring(2, equals);
        return typeOf(name, optionsClass)
            .flatMap(WrongValue::valid)
            .map(
                valid ->
                    String.format(
                        "--%s: found \"%s\"; valid %s",
                        name, argument.substring(equals + 1), valid));
      }
    }
    return Optional.empty();
  }

  private static boolean isReadable(
      String argument, Class<? extends PipelineOptions> optionsClass) {
    try {
      PipelineOptionsFactory.fromArgs(argument).as(optionsClass);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static Optional<Class<?>> typeOf(
      String name, Class<? extends PipelineOptions> optionsClass) {
    String property = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    return Arrays.stream(optionsClass.getMethods())
        .filter(
            method ->
                method.getParameterCount() == 0
                    && List.of("get" + property, "is" + property).contains(method.getName()))
        .<Class<?>>map(Method::getReturnType)
        .findFirst();
  }

  private static Optional<String> valid(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(
          Arrays.stream(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", ", "are ", "")));
    } else if (type == int.class || type == Integer.class) {
      return Optional.of("is a whole number up to " + Integer.MAX_VALUE);
    } else if (type == long.class || type == Long.class) {
      return Optional.of("is a whole number");
    } else if (type == double.class || type == Double.class) {
      return Optional.of("is a number");
    }
    return type == boolean.class || type == Boolean.class
        ? Optional.of("are true, false")
        : Optional.empty();
  }
}
