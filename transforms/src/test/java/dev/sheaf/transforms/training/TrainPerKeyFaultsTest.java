package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.failure.BadRecordRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a trainer does to one key must be that key's ledger row and nobody else's trouble. */
final class TrainPerKeyFaultsTest {
  private static final TrainPerKey TRAIN =
      TrainPerKey.on("STORE")
          .withLabel("SALES")
          .withFeatures("PRICE")
          .withTrainer(new MisbehavingTrainer())
          .withHoldout(Holdout.none())
          .withTimeLimit(Duration.ofSeconds(2));

  /** ONNX Runtime starts before any key's time runs. */
  @BeforeAll
  static void start() {
    ExecutionProvider.cpu().activate();
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int count = 30; count <= 40; count++) {
      rows.addAll(Stores.rows("rows-" + count, count));
    }
    return rows;
  }

  @Test
  void eachFaultIsTheLedgerRowOfItsKeyAndTouchesNoOther() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    TrainPerKey.Result result =
        pipeline
            .apply(Create.of(rows()).withRowSchema(Stores.SCHEMA))
            .apply(TRAIN.withKeyGroups(2));
    PAssert.that(result.ledger())
        .satisfies(
            ledger -> {
              Map<String, Row> found = new TreeMap<>();
              ledger.forEach(
                  row -> found.put(Objects.requireNonNull(row.getString("MODEL_KEY")), row));
              assertEquals(11, found.size());
              for (int good : new int[] {30, 39, 40}) {
                check(found, good, "TRAINED", "");
              }
              check(
                  found,
                  MisbehavingTrainer.THROWS,
                  "FAILED",
                  "IllegalStateException: no reason at all");
              check(found, MisbehavingTrainer.FAILS, "FAILED", "these rows say nothing");
              check(
                  found,
                  MisbehavingTrainer.HANGS,
                  "FAILED",
                  "not done after the time limit of 2.0 s");
              check(
                  found,
                  MisbehavingTrainer.HEEDS_NOTHING,
                  "FAILED",
                  "not done after the time limit of 2.0 s; it does not heed its interruption and"
                      + " still runs");
              check(found, MisbehavingTrainer.PREDICTS_NAN, "DIVERGED", "the model predicts NaN");
              checkStart(
                  found, MisbehavingTrainer.EXHAUSTS_MEMORY, "FAILED", "not enough memory: ");
              check(
                  found,
                  MisbehavingTrainer.OVERFLOWS_THE_STACK,
                  "FAILED",
                  "stack overflow: the trainer calls itself deeper than a stack is");
              checkStart(
                  found,
                  MisbehavingTrainer.EXPORTS_ANOTHER_MODEL,
                  "REJECTED",
                  "the exported model differs from its trainer by ");
              return null;
            });
    PAssert.that(result.models())
        .satisfies(
            models -> {
              List<String> keys = new ArrayList<>();
              models.forEach(model -> keys.add(model.key()));
              keys.sort(null);
              assertEquals(List.of("rows-30", "rows-39", "rows-40"), keys);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  /** Emits rows as no coder leaves them: their keys are halves of characters. */
  private static final class HalfCharacters extends DoFn<Integer, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(OutputReceiver<Row> out) {
      for (String key : List.of("s\ud83d", "s\ude00", "s")) {
        Stores.rows(key, 30).forEach(out::output);
      }
    }
  }

  @Test
  void keysThatUtf8WouldMergeAreBadRecords() {
    PipelineOptions options = PipelineOptionsFactory.create();
    // As in fused steps of a cluster: rows are not taken through their coder on the way.
    options.as(DirectOptions.class).setEnforceEncodability(false);
    options.as(DirectOptions.class).setEnforceImmutability(false);
    TestPipeline pipeline = TestPipeline.fromOptions(options).enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    TrainPerKey.Result result =
        pipeline
            .apply(Create.of(0))
            .apply(ParDo.of(new HalfCharacters()))
            .setRowSchema(Stores.SCHEMA)
            .apply(
                TRAIN
                    .withTrainer(Linear.regression())
                    .withGlobalModel()
                    .withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(Objects.requireNonNull(handler.getOutput()))
        .satisfies(
            bad -> {
              List<String> reasons = new ArrayList<>();
              bad.forEach(row -> reasons.add(String.valueOf(row.getString("REASON"))));
              assertEquals(60, reasons.size());
              assertEquals(
                  Set.of("STORE is not valid Unicode text: half of a surrogate pair at 1"),
                  Set.copyOf(reasons));
              return null;
            });
    PAssert.that(result.ledger())
        .satisfies(
            ledger -> {
              Map<String, Long> rows = new TreeMap<>();
              ledger.forEach(
                  row -> rows.put(row.getString("MODEL_KEY"), row.getInt64("ROW_COUNT")));
              assertEquals(Map.of("s", 30L, "@global", 30L), rows);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  private static void check(Map<String, Row> ledger, int rows, String status, String reason) {
    Row row = Objects.requireNonNull(ledger.get("rows-" + rows));
    assertEquals(status, row.getString("STATUS"), row.toString());
    assertEquals(reason, row.getString("REASON"));
  }

  private static void checkStart(Map<String, Row> ledger, int rows, String status, String reason) {
    Row row = Objects.requireNonNull(ledger.get("rows-" + rows));
    assertEquals(status, row.getString("STATUS"), row.toString());
    assertTrue(Objects.requireNonNull(row.getString("REASON")).startsWith(reason), row.toString());
  }
}
