package dev.sheaf.models.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** An alias as JSON: {@code version}, and {@code overrides} from key to version. */
final class AliasFile {
  private static final Set<String> FIELDS = Set.of("version", "overrides");

  private AliasFile() {}

  static byte[] toJson(Alias alias) {
    ObjectNode node = StoreText.object();
    node.put("version", alias.version().text());
    ObjectNode overrides = node.putObject("overrides");
    alias.overrides().forEach((key, version) -> overrides.put(key, version.text()));
    return StoreText.bytes(node);
  }

  static Alias parse(byte[] json) throws IOException {
    JsonNode node = StoreText.parseObject(json, FIELDS);
    SortedMap<String, VersionId> overrides = new TreeMap<>();
    JsonNode listed = node.path("overrides");
    if (!listed.isMissingNode() && !listed.isObject()) {
      throw new DamageException("\"overrides\" must be an object from key to version");
    }
    for (Map.Entry<String, JsonNode> override : listed.properties()) {
      overrides.put(override.getKey(), StoreText.version(override.getValue().asText()));
    }
    return new Alias(StoreText.version(StoreText.text(node, "version")), overrides);
  }
}
