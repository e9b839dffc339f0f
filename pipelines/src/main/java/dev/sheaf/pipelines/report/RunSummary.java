package dev.sheaf.pipelines.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a whole run did: counts, seconds by stage, and one entry per key.
 *
 * @param rows rows of the table that was trained on
 * @param keys keys found
 * @param trained keys with a model
 * @param failed keys without one
 * @param scored rows with a prediction's columns
 * @param badRecords rows that could not be used, while training and scoring together
 * @param seconds stages in the order in which they ran, the last one {@code total}
 * @param perKey one entry for each key
 * @param fallback one entry for each group of keys, and for all rows, where those have models
 */
public record RunSummary(
    long rows,
    long keys,
    long trained,
    long failed,
    long scored,
    long badRecords,
    Map<String, Double> seconds,
    List<KeySummary> perKey,
    List<KeySummary> fallback) {

  public RunSummary {
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    perKey = List.copyOf(perKey);
    fallback = List.copyOf(fallback);
  }

  /** The summary as indented JSON with a line break at its end. */
  public String json() {
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write a summary as JSON", e);
    }
  }

  /** The median over all keys that have the value. */
  public OptionalDouble median(Function<KeySummary, @Nullable Double> value) {
    double[] sorted =
        perKey.stream()
            .map(value)
            .filter(Objects::nonNull)
            .mapToDouble(v -> Objects.requireNonNull(v))
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }
}
