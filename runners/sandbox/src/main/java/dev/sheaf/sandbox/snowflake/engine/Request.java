package dev.sheaf.sandbox.snowflake.engine;

import java.util.List;
import java.util.Map;

/**
 * A statement to run.
 *
 * @param id the client's id of the request, by which it may be cancelled
 * @param describeOnly whether only the shape of the result is asked for
 * @param parameters session parameters for this statement alone
 */
public record Request(
    String id,
    String sql,
    boolean describeOnly,
    List<BoundValue> bindings,
    Map<String, String> parameters) {
  public Request {
    bindings = List.copyOf(bindings);
    parameters = Map.copyOf(parameters);
  }

  /** How many rows of bound values there are; 1 where the statement is no batch. */
  int rows() {
    return bindings.stream()
        .filter(BoundValue::batch)
        .mapToInt(b -> b.values().size())
        .max()
        .orElse(1);
  }

  boolean batch() {
    return bindings.stream().anyMatch(BoundValue::batch);
  }
}
