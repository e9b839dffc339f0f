package dev.sheaf.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * The last 28 days of M5, read inside a pipeline: 30,490 keys of an item in a store. A row from
 * before its key's first sale has the weight 0.
 */
final class WideSales {
  static final Schema SCHEMA =
      Schema.builder()
          .addStringField("KEY")
          .addStringField("DEPT")
          .addStringField("STATE")
          .addLogicalTypeField("DAY", SqlTypes.DATE)
          .addNullableField("EVENT", FieldType.STRING)
          .addInt64Field("SNAP")
          .addDoubleField("PRICE")
          .addDoubleField("SALES")
          .addDoubleField("WEIGHT")
          .build();

  static final LocalDate FIRST_JUDGED = LocalDate.of(2016, 6, 13);

  private WideSales() {}

  /** Which rows of the file. */
  enum Part {
    ALL,
    JUDGED
  }

  /** The keys of the file, and those without any sale before the days that are judged. */
  record Keys(Set<String> all, Set<String> withoutSale) {
    static Keys of(Path file) throws IOException {
      Set<String> all = new HashSet<>();
      Set<String> sold = new HashSet<>();
      read(
          file,
          (cells, columns) -> {
            String key = key(cells, columns);
            all.add(key);
            if (day(cells, columns).isBefore(FIRST_JUDGED) && sales(cells, columns) > 0) {
              sold.add(key);
            }
          });
      Set<String> withoutSale = new HashSet<>(all);
      withoutSale.removeAll(sold);
      return new Keys(all, withoutSale);
    }
  }

  static PTransform<PBegin, PCollection<Row>> rows(Path file, Part part) {
    return new Rows(file.toString(), part);
  }

  /** Takes the cells of one line and the places of the columns. */
  private interface LineReader {
    void read(String[] cells, Map<String, Integer> columns);
  }

  private static void read(Path file, LineReader reader) throws IOException {
    try (BufferedReader in = CsvTable.open(file)) {
      List<String> header = Arrays.asList(in.readLine().split(",", -1));
      Map<String, Integer> columns = new HashMap<>();
      header.forEach(name -> columns.put(name, header.indexOf(name)));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        reader.read(line.split(",", -1), columns);
      }
    }
  }

  private static String cell(String[] cells, Map<String, Integer> columns, String name) {
    Integer column = columns.get(name);
    if (column == null) {
      throw new IllegalArgumentException("there is no column " + name + " among " + columns);
    }
    return cells[column];
  }

  private static String key(String[] cells, Map<String, Integer> columns) {
    return cell(cells, columns, "item_id") + "/" + cell(cells, columns, "store_id");
  }

  private static LocalDate day(String[] cells, Map<String, Integer> columns) {
    return LocalDate.parse(cell(cells, columns, "date"));
  }

  private static double sales(String[] cells, Map<String, Integer> columns) {
    return Double.parseDouble(cell(cells, columns, "sales"));
  }

  private static final class Rows extends PTransform<PBegin, PCollection<Row>> {
    private static final long serialVersionUID = 1L;
    private final String file;
    private final Part part;

    Rows(String file, Part part) {
      this.file = file;
      this.part = part;
    }

    @Override
    public PCollection<Row> expand(PBegin input) {
      return input.apply(Create.of(file)).apply(ParDo.of(new ReadFn(part))).setRowSchema(SCHEMA);
    }
  }

  /** Lines of one key follow each other, the earliest first. */
  private static final class ReadFn extends DoFn<String, Row> {
    private static final long serialVersionUID = 1L;
    private final Part part;

    ReadFn(Part part) {
      this.part = part;
    }

    @ProcessElement
    public void process(@Element String file, OutputReceiver<Row> out) throws IOException {
      Set<String> sold = new HashSet<>();
      read(
          Path.of(file),
          (cells, columns) -> {
            String key = key(cells, columns);
            LocalDate day = day(cells, columns);
            double sales = sales(cells, columns);
            if (sales > 0) {
              sold.add(key);
            }
            if (part == Part.JUDGED && day.isBefore(FIRST_JUDGED)) {
              return;
            }
            String event = cell(cells, columns, "event_type_1");
            List<Object> row = new ArrayList<>();
            row.add(key);
            row.add(cell(cells, columns, "dept_id"));
            row.add(cell(cells, columns, "state_id"));
            row.add(day);
            row.add(event.isEmpty() ? null : event);
            row.add(Long.valueOf(cell(cells, columns, "snap")));
            row.add(Double.valueOf(cell(cells, columns, "sell_price")));
            row.add(sales);
            row.add(sold.contains(key) || !day.isBefore(FIRST_JUDGED) ? 1.0 : 0.0);
            out.output(Row.withSchema(SCHEMA).addValues(row).build());
          });
    }
  }
}
