package dev.sheaf.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Makes the rows that inference makes, with as many columns more, and predicts nothing. */
final class AddColumns extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** Like the columns that RunInference adds beside the prediction. */
  private static final List<String> ADDED = List.of("7", "version", "KEY", "batch", "now");

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema output = schema(input.getSchema());
    return input.apply(ParDo.of(new AddFn(output))).setRowSchema(output);
  }

  /** That of the rows it makes. */
  static Schema schema(Schema input) {
    Schema.Builder schema = Schema.builder().addFields(input.getFields());
    schema.addDoubleField("PREDICTION");
    IntStream.range(0, ADDED.size()).forEach(i -> schema.addStringField("ADDED" + i));
    return schema.build();
  }

  /** A row with the columns added. */
  static Row row(Schema schema, Row input, double prediction) {
    @Nullable Object[] values =
        input.getValues().toArray(new @Nullable Object[schema.getFieldCount()]);
    int place = input.getFieldCount();
    values[place++] = prediction;
    for (String added : ADDED) {
      values[place++] = added;
    }
    return Row.withSchema(schema).attachValues(Arrays.asList(values));
  }

  private static final class AddFn extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;
    private final Schema schema;

    AddFn(Schema schema) {
      this.schema = schema;
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      out.output(AddColumns.row(schema, row, 0.5));
    }
  }
}
