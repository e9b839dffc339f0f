package dev.sheaf.transforms.rows;

import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/**
 * Names the event of each row: its column's value as a text, in the column {@code EVENT_ID}.
 *
 * <p>Equal values give one text whatever their type, as keys do: the number 7 of a table and the 7
 * of a JSON document are both {@code 7}, so that a batch and a stream layer name an event alike.
 *
 * <p>The input has a schema and may be bounded or unbounded; timestamps and windows are kept. The
 * output has the input's columns, then {@code EVENT_ID} (STRING, not nullable). A column that is
 * itself called {@code EVENT_ID} becomes that text in its place.
 *
 * <p>A row whose value is NULL, or text that is no Unicode, goes to the handler of {@link
 * #withBadRecordErrorHandler}; without one it fails the pipeline. A column that is missing or
 * cannot be a key, or another column of the name {@code EVENT_ID}, fails when the pipeline is
 * built.
 *
 * <pre>{@code
 * PCollection<Row> named = sales.apply(NameEvents.by("ORDER_ID"));
 * }</pre>
 */
public final class NameEvents extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** The column that holds an event's name. */
  public static final String EVENT_ID = "EVENT_ID";

  private static final TupleTag<Row> NAMED = new TupleTag<>("named") {};

  private final String column;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  private NameEvents(String column, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.column = column;
    this.errorHandler = errorHandler;
  }

  /** Names events by a column's value: a number, boolean, text, date or time. */
  public static NameEvents by(String column) {
    if (column.isBlank()) {
      throw new IllegalArgumentException("NameEvents.by: a column is needed, found blank text");
    }
    return new NameEvents(column, null);
  }

  /**
   * Takes the rows that have no name, in the global window; without it the first such row fails the
   * pipeline.
   */
  public NameEvents withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new NameEvents(column, handler);
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema schema = input.getSchema();
    RowColumn id = RowColumn.findKey(schema, column, "eventId");
    Schema named = named(schema, id);
    PCollectionTuple rows =
        input.apply(
            "Name",
            ParDo.of(new Name(id, named, BadRows.of(schema, "NameEvents", errorHandler)))
                .withOutputTags(NAMED, BadRows.tags(errorHandler)));
    BadRows.collect(rows, errorHandler);
    return rows.get(NAMED).setRowSchema(named);
  }

  private static Schema named(Schema schema, RowColumn id) {
    List<Field> fields = new ArrayList<>();
    for (Field field : schema.getFields()) {
      boolean same = field.getName().equalsIgnoreCase(EVENT_ID);
      if (same && !field.getName().equals(id.name())) {
        throw new IllegalArgumentException(
            String.format(
                "eventId: the column \"%s\" is there already, found \"%s\" for the event's name;"
                    + " rename or leave out one of them",
                field.getName(), id.name()));
      }
      fields.add(same ? Field.of(EVENT_ID, FieldType.STRING) : field);
    }
    if (!id.name().equalsIgnoreCase(EVENT_ID)) {
      fields.add(Field.of(EVENT_ID, FieldType.STRING));
    }
    return Schema.builder().addFields(fields).build();
  }

  private static final class Name extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final RowColumn id;
    private final Schema named;
    private final BadRows badRows;

    Name(RowColumn id, Schema named, BadRows badRows) {
      this.id = id;
      this.named = named;
      this.badRows = badRows;
    }

    @ProcessElement
    public void process(@Element Row row, MultiOutputReceiver out) throws BadRowException {
      try {
        String name = id.key(row);
        if (name == null) {
          throw new BadRowException(id.name() + " is NULL, and it names the event");
        }
        List<@Nullable Object> values = new ArrayList<>(row.getValues());
        if (values.size() == named.getFieldCount()) {
          values.set(named.indexOf(EVENT_ID), name);
        } else {
          values.add(name);
        }
        out.get(NAMED).output(Row.withSchema(named).attachValues(values));
      } catch (BadRowException e) {
        BadRecord record = badRows.record(row, e);
        out.get(BadRecordRouter.BAD_RECORD_TAG).output(record);
      }
    }
  }
}
