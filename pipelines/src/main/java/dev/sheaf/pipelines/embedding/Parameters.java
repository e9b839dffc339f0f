package dev.sheaf.pipelines.embedding;

import dev.sheaf.pipelines.OptionException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** What a client has set: the values of a configuration row, by name. */
final class Parameters {
  private static final Schema ERROR_HANDLING = Schema.builder().addStringField("output").build();

  private final Row row;

  Parameters(Row row) {
    this.row = row;
  }

  /** A text that must be given. */
  static Field required(String name, String description) {
    return Field.of(name, FieldType.STRING).withDescription(description);
  }

  /** A text that may be given. */
  static Field text(String name, String description) {
    return Field.nullable(name, FieldType.STRING).withDescription(description);
  }

  /** Texts that may be given. */
  static Field texts(String name, String description) {
    return Field.nullable(name, FieldType.array(FieldType.STRING)).withDescription(description);
  }

  /** A switch that is off unless given. */
  static Field flag(String name, String description) {
    return Field.nullable(name, FieldType.BOOLEAN).withDescription(description);
  }

  /** A whole number that may be given. */
  static Field number(String name, String description) {
    return Field.nullable(name, FieldType.INT64).withDescription(description);
  }

  /** Beam's own way of asking for bad rows: {@code error_handling: {output: NAME}}. */
  static Field errorHandling() {
    return Field.nullable("error_handling", FieldType.row(ERROR_HANDLING))
        .withDescription(
            "Names the output of rows that cannot be used; without it the first one fails the job");
  }

  private @Nullable Object value(String name) {
    return row.getSchema().hasField(name) ? row.getValue(name) : null;
  }

  String required(String name) {
    return find(name)
        .orElseThrow(() -> new OptionException(name + ": a text is needed, found none"));
  }

  Optional<String> find(String name) {
    Object value = value(name);
    return value == null || value.toString().isBlank()
        ? Optional.empty()
        : Optional.of(value.toString());
  }

  List<String> list(String name) {
    return value(name) instanceof Collection<?> values
        ? values.stream().map(String::valueOf).toList()
        : List.of();
  }

  boolean isSet(String name) {
    return Boolean.TRUE.equals(value(name));
  }

  Optional<Integer> whole(String name) {
    return value(name) instanceof Number number
        ? Optional.of(read(name, () -> Math.toIntExact(number.longValue())))
        : Optional.empty();
  }

  /** A time such as {@code PT1M}. */
  Optional<Duration> duration(String name) {
    return find(name)
        .map(
            text -> {
              try {
                return Duration.parse(text);
              } catch (DateTimeParseException e) {
                throw new OptionException(
                    name + ": found \"" + text + "\"; valid is a time such as PT1M", e);
              }
            });
  }

  <E extends Enum<E>> E constant(String name, E otherwise) {
    return find(name)
        .map(
            text ->
                read(
                    name,
                    () ->
                        Enum.valueOf(otherwise.getDeclaringClass(), text.toUpperCase(Locale.ROOT))))
        .orElse(otherwise);
  }

  /** The output that bad rows go to. */
  Optional<String> errorOutput() {
    return value("error_handling") instanceof Row handling
        ? Optional.ofNullable(handling.getString("output"))
        : Optional.empty();
  }

  /** Lets what is wrong with a value be said with the parameter's name. */
  static <T> T read(String name, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OptionException(name + ": " + e.getMessage(), e);
    }
  }
}
