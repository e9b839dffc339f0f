package dev.sheaf.models.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says what a version is made of; it is written last, so what it names is there.
 *
 * @param version the version's name
 * @param models number of models
 * @param shards the zips, by number; numbers that no key fell to are left out
 * @param indexDigest SHA-256 of the index, uncompressed
 * @param verdictsDigest SHA-256 of the verdicts, uncompressed
 * @param properties what the publisher had to say: label, trainer, training window, ...
 */
public record Manifest(
    VersionId version,
    long models,
    List<Shard> shards,
    String indexDigest,
    String verdictsDigest,
    Map<String, String> properties) {

  /** One zip: its name in the version's folder, how many models it holds, its size in bytes. */
  public record Shard(int number, String file, long models, long bytes) {}

  private static final int FORMAT = 1;
  private static final Set<String> FIELDS =
      Set.of("format", "version", "models", "shards", "index", "verdicts", "properties");

  /** Copies the lists and maps. */
  public Manifest {
    shards = List.copyOf(shards);
    SortedMap<String, String> sorted = new TreeMap<>(properties);
    properties = Collections.unmodifiableSortedMap(sorted);
  }

  static String shardFile(int shard, int shards) {
    return String.format(Locale.ROOT, "models-%05d-of-%05d.zip", shard, shards);
  }

  /** The zip of a number. */
  Shard shard(int number) throws IOException {
    for (Shard shard : shards) {
      if (shard.number() == number) {
        return shard;
      }
    }
    throw new DamageException("there is no shard " + number);
  }

  byte[] toJson() {
    ObjectNode node = StoreText.object();
    node.put("format", FORMAT);
    node.put("version", version.text());
    node.put("models", models);
    ArrayNode list = node.putArray("shards");
    for (Shard shard : shards) {
      list.addObject()
          .put("number", shard.number())
          .put("file", shard.file())
          .put("models", shard.models())
          .put("bytes", shard.bytes());
    }
    node.put("index", indexDigest);
    node.put("verdicts", verdictsDigest);
    ObjectNode said = node.putObject("properties");
    properties.forEach(said::put);
    return StoreText.bytes(node);
  }

  static Manifest parse(byte[] json) throws IOException {
    JsonNode node = StoreText.parseObject(json, FIELDS);
    long format = StoreText.number(node, "format");
    if (format != FORMAT) {
      throw new DamageException(
          "its format is " + format + "; this release reads format " + FORMAT);
    }
    List<Shard> shards = new ArrayList<>();
    for (JsonNode shard : StoreText.field(node, "shards")) {
      shards.add(
          new Shard(
              Math.toIntExact(StoreText.number(shard, "number")),
              StoreText.text(shard, "file"),
              StoreText.number(shard, "models"),
              StoreText.number(shard, "bytes")));
    }
    SortedMap<String, String> properties = new TreeMap<>();
    for (Map.Entry<String, JsonNode> said : StoreText.field(node, "properties").properties()) {
      properties.put(said.getKey(), said.getValue().asText());
    }
    return new Manifest(
        StoreText.version(StoreText.text(node, "version")),
        StoreText.number(node, "models"),
        shards,
        StoreText.text(node, "index"),
        StoreText.text(node, "verdicts"),
        properties);
  }
}
