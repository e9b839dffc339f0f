package dev.sheaf.pipelines;

import dev.sheaf.transforms.kafka.KafkaRows;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Gives ledger rows an id, so that those which a failure repeats can be told: {@code
 * RUN_ID/SCOPE/MODEL_KEY/STATUS/ROW_COUNT}, in the column {@code EVENT_ID}. Of the same rows of a
 * window it is the same; late events make another one.
 */
final class LedgerEvents extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;
  private static final Schema SCHEMA =
      Schema.builder()
          .addFields(TrainPerKey.ledgerSchema().getFields())
          .addStringField(KafkaRows.EVENT_ID)
          .build();

  @Override
  public PCollection<Row> expand(PCollection<Row> ledger) {
    return ledger.apply("Name", ParDo.of(new Name())).setRowSchema(SCHEMA);
  }

  private static final class Name extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      List<@Nullable Object> values = new ArrayList<>(row.getValues());
      values.add(
          row.getString("RUN_ID")
              + "/"
              + row.getString("SCOPE")
              + "/"
              + row.getString("MODEL_KEY")
              + "/"
              + row.getString("STATUS")
              + "/"
              + row.getInt64("ROW_COUNT"));
      out.output(Row.withSchema(SCHEMA).attachValues(values));
    }
  }
}
