package dev.sheaf.pipelines;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.transforms.rows.RowColumn;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.LogicalType;

/**
 * The SQL of a view over the predictions of a batch and of a stream layer: one row for each event,
 * the one that counts.
 *
 * <p>A layer says of an event what its latest row says: the one with the greatest {@code
 * SCORED_AT}, then the greatest {@code MODEL_VERSION}, then the greatest {@code PREDICTION} and
 * other columns in their order, NULL being less than anything. Of the two layers the batch layer
 * counts where it has a row of the event, unless that row has no prediction and the stream layer's
 * has one. Rows without an event id belong to no event and are not shown.
 *
 * <p>The view has the batch table's columns, then those that the stream table has alone; where a
 * layer lacks a column it is NULL. Columns are found by their exact names. Nothing is stored: the
 * view changes with the tables, and a batch load, being one transaction, changes it at once.
 *
 * <pre>{@code
 * String sql =
 *     LambdaView.over("PREDICTIONS", batchSchema, "PREDICTIONS_STREAM", streamSchema, "EVENT_ID")
 *         .createStatement("PREDICTIONS_CURRENT");
 * }</pre>
 */
public final class LambdaView {
  private static final String PREDICTION = "PREDICTION";
  private static final String MODEL_VERSION = "MODEL_VERSION";
  private static final String SCORED_AT = "SCORED_AT";
  private static final String LAYER_ORDER = "SHEAF_LAYER_ORDER";

  /** A column's option, set by the reader, that names a type which has no order. */
  private static final String COLUMN_TYPE = "sheaf:snowflake:type";

  private static final Pattern SEMI_STRUCTURED = Pattern.compile("(?i)(VARIANT|OBJECT|ARRAY).*");
  private static final Pattern NAME =
      Pattern.compile(
          "(?:\"(?:[^\"]|\"\")+\"|[A-Za-z_][A-Za-z0-9_$]*)"
              + "(?:\\.(?:\"(?:[^\"]|\"\")+\"|[A-Za-z_][A-Za-z0-9_$]*)){0,2}");

  private final Layer batch;
  private final Layer stream;
  private final String eventId;
  private final List<String> columns;

  private record Layer(String option, String table, Schema schema) {
    Field field(String name) {
      if (!schema.hasField(name)) {
        throw new OptionException(
            String.format(
                "%s: %s has no column \"%s\", which the view needs; the columns are %s",
                option, table, name, String.join(", ", schema.getFieldNames())));
      }
      return schema.getField(name);
    }
  }

  private LambdaView(Layer batch, Layer stream, String eventId) {
    this.batch = batch;
    this.stream = stream;
    this.eventId = eventId;
    Set<String> all = new LinkedHashSet<>(batch.schema.getFieldNames());
    all.addAll(stream.schema.getFieldNames());
    this.columns = List.copyOf(all);
  }

  /**
   * A view over two tables.
   *
   * @param batchSchema the batch table's columns, as {@link SnowflakeConnection#describe} tells
   * @param eventId the column of both tables that names the event
   * @throws OptionException if a name cannot be a table's, both tables are one, one of them lacks a
   *     column that the view needs, or a column is of kinds that do not go together
   */
  public static LambdaView over(
      String batchTable,
      Schema batchSchema,
      String streamTable,
      Schema streamSchema,
      String eventId) {
    Layer batch = new Layer("--batchTable", name("--batchTable", batchTable), batchSchema);
    Layer stream = new Layer("--streamTable", name("--streamTable", streamTable), streamSchema);
    if (batchTable.equalsIgnoreCase(streamTable)) {
      throw new OptionException(
          "--streamTable: each layer needs a table of its own, found " + streamTable + " for both");
    }
    for (String needed : List.of(eventId, PREDICTION, MODEL_VERSION, SCORED_AT)) {
      batch.field(needed);
      stream.field(needed);
    }
    for (Field field : batch.schema.getFields()) {
      if (stream.schema.hasField(field.getName())) {
        check(field, batch, stream);
      }
    }
    return new LambdaView(batch, stream, eventId);
  }

  /**
   * The view that the options describe; asks the warehouse for the tables' columns.
   *
   * @throws OptionException when an option is wrong or does not fit the tables
   */
  public static LambdaView of(ViewOptions options) {
    name("--view", options.getView());
    String batch = name("--batchTable", options.getBatchTable());
    String stream = name("--streamTable", options.getStreamTable());
    SnowflakeConnection connection = Warehouse.login(options);
    return over(
        batch,
        connection.describe("select * from " + batch),
        stream,
        connection.describe("select * from " + stream),
        options.getEventId());
  }

  /**
   * Creates the view that the options describe, in place of one that is there.
   *
   * @throws OptionException when an option is wrong or does not fit the tables
   * @throws IllegalStateException when the warehouse refuses
   */
  public static LambdaView create(ViewOptions options) {
    LambdaView view = of(options);
    String sql = view.createStatement(options.getView());
    try (Connection connection = Warehouse.login(options).open();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "cannot create the view " + options.getView() + ": " + e.getMessage(), e);
    }
    return view;
  }

  private static String name(String option, String text) {
    if (!NAME.matcher(text).matches()) {
      throw new OptionException(
          option
              + ": found \""
              + text
              + "\"; valid is a name such as PREDICTIONS, PUBLIC.PREDICTIONS or DB.PUBLIC.\"My table\"");
    }
    return text;
  }

  private static void check(Field field, Layer batch, Layer stream) {
    Field other = stream.field(field.getName());
    String one = kind(field);
    String two = kind(other);
    if (!one.equals(two)) {
      throw new OptionException(
          String.format(
              "%s: \"%s\" is of kind %s in %s and of kind %s in %s; a view's column needs one kind",
              stream.option, field.getName(), one, batch.table, two, stream.table));
    }
  }

  /** What values may stand in one column of a view: all numbers together, else one type. */
  private static String kind(Field field) {
    String type = columnType(field);
    if (SEMI_STRUCTURED.matcher(type).matches()) {
      return type;
    }
    ColumnKind kind = RowColumn.kindOf(field.getType()).orElse(null);
    if (kind == null) {
      LogicalType<?, ?> logical = field.getType().getLogicalType();
      return logical == null ? field.getType().getTypeName().name() : logical.getIdentifier();
    }
    return switch (kind) {
      case INTEGER, DECIMAL, FLOAT -> "NUMBER";
      default -> kind.name();
    };
  }

  private static String columnType(Field field) {
    return field.getOptions().hasOption(COLUMN_TYPE)
        ? Objects.toString(field.getOptions().getValue(COLUMN_TYPE, String.class), "")
        : "";
  }

  /** The names of the view's columns, in order. */
  public List<String> columns() {
    return columns;
  }

  /** The view's SELECT. */
  public String query() {
    String list = columns.stream().map(LambdaView::quoted).collect(Collectors.joining(", "));
    return "SELECT "
        + list
        + "\nFROM (\n"
        + layer(batch, 1)
        + "\n  UNION ALL\n"
        + layer(stream, 2)
        + "\n)\nQUALIFY ROW_NUMBER() OVER (\n  PARTITION BY "
        + quoted(eventId)
        + "\n  ORDER BY CASE WHEN "
        + quoted(PREDICTION)
        + " IS NULL THEN 1 ELSE 0 END, "
        + quoted(LAYER_ORDER)
        + ") = 1";
  }

  /**
   * The statement that creates the view, in place of one that is there.
   *
   * @throws OptionException if {@code view} cannot be a name
   */
  public String createStatement(String view) {
    return "CREATE OR REPLACE VIEW " + name("--view", view) + " AS\n" + query();
  }

  /** What a layer says of each event. */
  private String layer(Layer layer, int order) {
    String list =
        columns.stream()
            .map(
                column ->
                    layer.schema.hasField(column) ? quoted(column) : "NULL AS " + quoted(column))
            .collect(Collectors.joining(", "));
    return String.format(
        "  SELECT %s, %d AS %s\n  FROM %s\n  WHERE %s IS NOT NULL\n"
            + "  QUALIFY ROW_NUMBER() OVER (\n    PARTITION BY %s\n    ORDER BY %s) = 1",
        list,
        order,
        quoted(LAYER_ORDER),
        layer.table,
        quoted(eventId),
        quoted(eventId),
        latest(layer));
  }

  /** The latest row first; of rows that are as late, always the same one. */
  private String latest(Layer layer) {
    List<String> order = new ArrayList<>(List.of(SCORED_AT, MODEL_VERSION, PREDICTION));
    for (Field field : layer.schema.getFields()) {
      String name = field.getName();
      boolean sorts = !SEMI_STRUCTURED.matcher(columnType(field)).matches();
      if (sorts && !name.equals(eventId) && !order.contains(name)) {
        order.add(name);
      }
    }
    return order.stream()
        .map(column -> quoted(column) + " DESC NULLS LAST")
        .collect(Collectors.joining(", "));
  }

  private static String quoted(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }
}
