package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/** Makes the rows that inference makes, with as many columns more, and predicts nothing. */
final class AddColumns extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  /** One of each type of the columns that RunInference adds. */
  private static final List<Object> ADDED = List.of(0.5, "7", "version", "KEY", "batch", "now");

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema.Builder schema = Schema.builder().addFields(input.getSchema().getFields());
    schema.addDoubleField("PREDICTION");
    IntStream.range(1, ADDED.size()).forEach(i -> schema.addStringField("ADDED" + i));
    Schema output = schema.build();
    return input.apply(ParDo.of(new AddFn(output))).setRowSchema(output);
  }

  private static final class AddFn extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;
    private final Schema schema;

    AddFn(Schema schema) {
      this.schema = schema;
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      List<Object> values = new ArrayList<>(schema.getFieldCount());
      values.addAll(row.getValues());
      values.addAll(ADDED);
      out.output(Row.withSchema(schema).attachValues(values));
    }
  }
}
