package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.failure.BadRecordRows;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that UTF-8 cannot hold must not find the model of another key. */
final class InvalidKeysTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addStringField("STORE")
          .addStringField("STATE")
          .addDoubleField("PRICE")
          .build();

  @TempDir private Path folder = Path.of("");

  private static Row event(long id, String key, String state) {
    return Row.withSchema(EVENTS).addValues(id, key, state, 1.0).build();
  }

  @Test
  void halfACharacterInAKeyOrAGroupIsABadRecordAndItsNeighboursAreScored() {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    ScoredRows.publish(
        store,
        ScoredRows.model(ModelScope.key("s?"), StoredModel.onnx("s?", 100)),
        ScoredRows.model(
            ModelScope.group("STATE", "t?"), StoredModel.onnx("@group:STATE=t?", 200)));
    PipelineOptions options = PipelineOptionsFactory.create();
    // As in fused steps of a cluster: rows are not taken through their coder on the way.
    options.as(DirectOptions.class).setEnforceEncodability(false);
    options.as(DirectOptions.class).setEnforceImmutability(false);
    TestPipeline pipeline = TestPipeline.fromOptions(options).enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    PCollection<Row> scored =
        pipeline
            .apply(Create.of(0))
            .apply(ParDo.of(new Events()))
            .setRowSchema(EVENTS)
            .apply(
                RunInference.with(store.champion())
                    .keyedBy("STORE")
                    .fallingBackTo("STATE")
                    .withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(texts(scored, "MODEL_KEY")).containsInAnyOrder("s?", "@group:STATE=t?");
    PAssert.that(texts(Objects.requireNonNull(handler.getOutput()), "REASON"))
        .containsInAnyOrder(
            "STATE is not valid Unicode text: half of a surrogate pair at 1",
            "STORE is not valid Unicode text: half of a surrogate pair at 1");
    pipeline.run().waitUntilFinish();
  }

  private static PCollection<String> texts(PCollection<Row> rows, String column) {
    return rows.apply(
        "Take " + column,
        MapElements.into(TypeDescriptors.strings())
            .via(row -> String.valueOf(row.getString(column))));
  }

  private static final class Events extends DoFn<Integer, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(OutputReceiver<Row> out) {
      out.output(event(1, "s?", "CA"));
      out.output(event(2, "s\ud83d", "CA"));
      out.output(event(3, "other", "t\ude00"));
      out.output(event(4, "other", "t?"));
    }
  }
}
