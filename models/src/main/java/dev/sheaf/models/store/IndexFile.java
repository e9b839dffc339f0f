package dev.sheaf.models.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tables of a version, {@code index.csv.gz} and {@code verdicts.csv.gz}, as CSV text. */
final class IndexFile {
  private static final String[] INDEX = {
    "key", "shard", "entry", "offset", "bytes", "digest", "rows", "metrics", "status"
  };
  private static final String[] VERDICTS = {
    "key", "status", "reason", "loss", "champion", "champion_loss"
  };

  private IndexFile() {}

  static byte[] index(Iterable<IndexEntry> entries) {
    StringBuilder out = new StringBuilder();
    line(out, INDEX);
    for (IndexEntry entry : entries) {
      line(
          out,
          entry.key(),
          Integer.toString(entry.shard()),
          entry.entry(),
          Long.toString(entry.offset()),
          Long.toString(entry.bytes()),
          entry.digest(),
          Long.toString(entry.rows()),
          StoreText.metrics(entry.metrics()),
          entry.status().name());
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  static byte[] verdicts(Iterable<Verdict> verdicts) {
    StringBuilder out = new StringBuilder();
    line(out, VERDICTS);
    for (Verdict verdict : verdicts) {
      line(
          out,
          verdict.key(),
          verdict.status().name(),
          verdict.reason(),
          textOrEmpty(verdict.loss()),
          textOrEmpty(verdict.champion()),
          textOrEmpty(verdict.championLoss()));
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the entries in the order of the file; returns how many. */
  static int parseIndex(byte[] csv, Consumer<IndexEntry> reader) throws IOException {
    Set<String> keys = new HashSet<>();
    Map<String, String> names = new TreeMap<>();
    Csv.Lines in = lines(csv, INDEX);
    for (List<String> line = in.next(); !line.isEmpty(); line = in.next()) {
      check(line, INDEX, in);
      IndexEntry entry =
          new IndexEntry(
              line.get(0),
              Integer.parseInt(line.get(1)),
              line.get(2),
              Long.parseLong(line.get(3)),
              Long.parseLong(line.get(4)),
              line.get(5),
              Long.parseLong(line.get(6)),
              parseMetrics(line.get(7), names),
              EntryStatus.valueOf(line.get(8)));
      if (!keys.add(entry.key())) {
        throw new DamageException("the key \"" + entry.key() + "\" is there twice");
      }
      reader.accept(entry);
    }
    return keys.size();
  }

  static List<Verdict> parseVerdicts(byte[] csv) throws IOException {
    List<Verdict> verdicts = new ArrayList<>();
    Csv.Lines in = lines(csv, VERDICTS);
    for (List<String> line = in.next(); !line.isEmpty(); line = in.next()) {
      check(line, VERDICTS, in);
      verdicts.add(
          new Verdict(
              line.get(0),
              EntryStatus.valueOf(line.get(1)),
              line.get(2),
              doubleOrNull(line.get(3)),
              line.get(4).isEmpty() ? null : VersionId.ofText(line.get(4)),
              doubleOrNull(line.get(5))));
    }
    return verdicts;
  }

  // The names are few and the lines many: each name is kept once.
  private static SortedMap<String, Double> parseMetrics(String json, Map<String, String> names)
      throws IOException {
    SortedMap<String, Double> metrics = new TreeMap<>();
    for (Map.Entry<String, JsonNode> metric : StoreText.parseLine(json).properties()) {
      String name = names.computeIfAbsent(metric.getKey(), same -> same);
      metrics.put(name, StoreText.metric(metric.getValue()));
    }
    return metrics;
  }

  /** The lines behind the header. */
  private static Csv.Lines lines(byte[] csv, String[] header) throws IOException {
    Reader text = new InputStreamReader(new ByteArrayInputStream(csv), StandardCharsets.UTF_8);
    Csv.Lines in = new Csv.Lines(new BufferedReader(text));
    List<String> first = in.next();
    if (!first.equals(Arrays.asList(header))) {
      throw new DamageException(
          "its columns are " + first + "; valid are " + Arrays.asList(header));
    }
    return in;
  }

  private static void check(List<String> line, String[] header, Csv.Lines in)
      throws DamageException {
    if (line.size() != header.length) {
      throw new DamageException(
          "the line before line "
              + in.line()
              + " has "
              + line.size()
              + " fields; valid are "
              + header.length);
    }
  }

  private static String textOrEmpty(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static @Nullable Double doubleOrNull(String text) {
    return text.isEmpty() ? null : Double.valueOf(text);
  }

  private static void line(StringBuilder out, String... fields) {
    Csv.writeLine(out, fields);
  }
}
