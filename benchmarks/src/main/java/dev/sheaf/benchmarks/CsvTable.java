package dev.sheaf.benchmarks;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;

/**
 * The rows of each key of a gzipped file of comma-separated values without quotes.
 *
 * @param file the file, with a header
 * @param keys the columns that are the key, joined by {@code /}
 * @param schema the features and the label
 * @param date the column of dates that rows are in order by
 */
record CsvTable(Path file, List<String> keys, TableSchema schema, String date) {
  CsvTable {
    keys = List.copyOf(keys);
  }

  /** Opens a gzipped text. */
  static BufferedReader open(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    return new BufferedReader(
        new InputStreamReader(new GZIPInputStream(bytes, 1 << 16), StandardCharsets.UTF_8));
  }

  /** All rows by key. */
  SortedMap<String, RowBlock> blocks() throws IOException {
    SortedMap<String, RowBlock.Builder> builders = new TreeMap<>();
    try (BufferedReader in = open(file)) {
      Reader reader = new Reader(Arrays.asList(in.readLine().split(",", -1)));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        reader.read(line, builders);
      }
    }
    SortedMap<String, RowBlock> blocks = new TreeMap<>();
    builders.forEach((key, builder) -> blocks.put(key, builder.build()));
    return blocks;
  }

  private final class Reader {
    private final int[] keyColumns;
    private final int[] featureColumns;
    private final int labelColumn;
    private final int dateColumn;
    private final Map<String, Long> days = new HashMap<>();
    private final CRC32 checksum = new CRC32();

    Reader(List<String> header) {
      keyColumns = keys.stream().mapToInt(name -> index(header, name)).toArray();
      featureColumns =
          schema.featureNames().stream().mapToInt(name -> index(header, name)).toArray();
      labelColumn = index(header, schema.label());
      dateColumn = index(header, date);
    }

    private int index(List<String> header, String name) {
      int index = header.indexOf(name);
      if (index < 0) {
        throw new IllegalArgumentException(
            "cannot find column " + name + " in " + file + ", which has " + header);
      }
      return index;
    }

    void read(String line, Map<String, RowBlock.Builder> builders) {
      String[] cells = line.split(",", -1);
      StringBuilder key = new StringBuilder();
      for (int column : keyColumns) {
        key.append(key.isEmpty() ? "" : "/").append(cells[column]);
      }
      RowBlock.Builder rows =
          builders.computeIfAbsent(key.toString(), text -> RowBlock.builder(schema));
      double[] values = new double[featureColumns.length];
      for (int f = 0; f < values.length; f++) {
        values[f] = value(rows, f, cells[featureColumns[f]]);
      }
      double label = Double.parseDouble(cells[labelColumn]);
      rows.append(values, label, hash(line), day(cells[dateColumn]));
    }

    private double value(RowBlock.Builder rows, int f, String text) {
      if (text.isEmpty()) {
        return Double.NaN;
      }
      Feature feature = schema.features().get(f);
      return switch (feature.type()) {
        case TEXT_CATEGORY -> rows.code(f, text);
        case DATE -> day(text);
        default -> Double.parseDouble(text);
      };
    }

    private long day(String text) {
      return days.computeIfAbsent(text, date -> LocalDate.parse(date).toEpochDay());
    }

    private long hash(String line) {
      checksum.reset();
      checksum.update(line.getBytes(StandardCharsets.UTF_8));
      return checksum.getValue() * 0x9e3779b97f4a7c15L;
    }
  }
}
