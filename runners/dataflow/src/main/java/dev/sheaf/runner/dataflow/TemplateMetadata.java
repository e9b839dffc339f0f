package dev.sheaf.runner.dataflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.beans.Introspector;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.Validation;

/**
 * What a Flex Template tells of its parameters, made from a pipeline's options: those that must be
 * given first, then by name.
 */
final class TemplateMetadata {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String OURS = "dev.sheaf.";

  /** Options of Dataflow that {@code gcloud} has no flag for. */
  private static final List<String> DATAFLOWS =
      List.of(
          "getDataflowServiceOptions",
          "getDiskSizeGb",
          "getNumberOfWorkerHarnessThreads",
          "getSdkContainerImage");

  private TemplateMetadata() {}

  /** The content of the file that {@code gcloud dataflow flex-template build} wants. */
  static String json(ReadyPipeline pipeline) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", "Sheaf " + pipeline.name());
    metadata.put("description", pipeline.description());
    metadata.put("streaming", pipeline.kind() == ReadyPipeline.Kind.STREAMING);
    metadata.put("parameters", parameters(pipeline));
    try {
      return JSON.writeValueAsString(metadata) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts can always be written", e);
    }
  }

  private static List<Map<String, Object>> parameters(ReadyPipeline pipeline) {
    List<Method> required = new ArrayList<>();
    List<Method> optional = new ArrayList<>();
    for (Method getter : getters(pipeline.options())) {
      (getter.isAnnotationPresent(Validation.Required.class) ? required : optional).add(getter);
    }
    pipeline.further().forEach(further -> optional.addAll(getters(further)));
    Arrays.stream(LaunchOptions.class.getMethods())
        .filter(method -> DATAFLOWS.contains(method.getName()))
        .forEach(optional::add);
    return Stream.concat(sorted(required, false), sorted(optional, true)).toList();
  }

  private static List<Method> getters(Class<?> options) {
    return Arrays.stream(options.getMethods())
        .filter(method -> method.getDeclaringClass().getName().startsWith(OURS))
        .filter(method -> method.isAnnotationPresent(Description.class))
        .toList();
  }

  private static Stream<Map<String, Object>> sorted(List<Method> getters, boolean optional) {
    return getters.stream()
        .sorted(Comparator.comparing(Method::getName))
        .map(getter -> parameter(getter, optional));
  }

  private static Map<String, Object> parameter(Method getter, boolean optional) {
    String name = Introspector.decapitalize(getter.getName().replaceFirst("^(get|is)", ""));
    Map<String, Object> parameter = new LinkedHashMap<>();
    parameter.put("name", name);
    parameter.put("label", label(name));
    parameter.put("helpText", helpText(getter));
    parameter.put("isOptional", optional);
    regex(getter.getReturnType()).ifPresent(regex -> parameter.put("regexes", List.of(regex)));
    return parameter;
  }

  /** {@code modelStore} becomes {@code Model store}. */
  private static String label(String name) {
    String words = name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static String helpText(Method getter) {
    String description = getter.getAnnotation(Description.class).value();
    return defaultOf(getter)
        .map(value -> description + "; " + value + " unless set")
        .orElse(description);
  }

  /** What one of Beam's {@code Default} annotations says. */
  private static Optional<String> defaultOf(Method getter) {
    for (Annotation annotation : getter.getAnnotations()) {
      if (annotation.annotationType().getEnclosingClass() == Default.class) {
        try {
          Object value = annotation.annotationType().getMethod("value").invoke(annotation);
          return Optional.of(String.valueOf(value));
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
          throw new IllegalStateException("cannot read the default of " + getter, e);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> regex(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(
          Arrays.stream(type.getEnumConstants())
              .map(constant -> ((Enum<?>) constant).name())
              .collect(Collectors.joining("|", "^(", ")$")));
    } else if (type == boolean.class || type == Boolean.class) {
      return Optional.of("^(true|false)$");
    } else if (List.of(int.class, Integer.class, long.class, Long.class).contains(type)) {
      return Optional.of("^-?[0-9]+$");
    } else if (type == double.class || type == Double.class) {
      return Optional.of("^-?[0-9.]+([eE]-?[0-9]+)?$");
    }
    return Optional.empty();
  }
}
