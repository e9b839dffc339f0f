package dev.sheaf.transforms.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.train.xgboost.Xgboost;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.kafka.KafkaConnection;
import dev.sheaf.transforms.kafka.KafkaRows;
import dev.sheaf.transforms.kafka.ReadKafka;
import dev.sheaf.transforms.kafka.RecordFormat;
import dev.sheaf.transforms.kafka.WriteKafka;
import dev.sheaf.transforms.rows.NameEvents;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.Set;
import java.util.TreeSet;
import org.apache.beam.sdk.Pipeline.PipelineVisitor;
import org.apache.beam.sdk.runners.TransformHierarchy;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

/** Which steps have an output for bad records: each that may meet some, if somebody takes them. */
final class BadRowsTest {
  private static final Schema SALES =
      Schema.builder()
          .addStringField("STORE")
          .addDoubleField("PRICE")
          .addDoubleField("SALES")
          .build();
  private static final KafkaConnection KAFKA = KafkaConnection.to("127.0.0.1:1");

  private static final ReadKafka READ =
      KafkaRows.read()
          .withConnection(KAFKA)
          .fromTopic("sales")
          .withFormat(RecordFormat.json(SALES));
  private static final WriteKafka WRITE = KafkaRows.write().withConnection(KAFKA).toTopic("copies");
  private static final NameEvents NAME = NameEvents.by("STORE");
  private static final TrainPerKey TRAIN =
      TrainPerKey.on("STORE")
          .withLabel("SALES")
          .withFeatures("PRICE")
          .withTrainer(Xgboost.regression());
  private static final RunInference SCORE =
      RunInference.with(ModelStore.at("nowhere").champion()).keyedBy("STORE");

  private final TestPipeline pipeline = TestPipeline.create();

  @Test
  void withoutAHandlerEachStepHasItsResultsAlone() {
    pipeline.apply("Read", READ).apply("Write", WRITE);
    PCollection<Row> rows = pipeline.apply(Create.empty(SALES));
    rows.apply("Name", NAME);
    rows.apply("Train", TRAIN);
    rows.apply("Score", SCORE);
    assertEquals(Set.of(), stepsWithBadRecords());
  }

  @Test
  void withAHandlerEachStepHasAnOutputForBadRecords() {
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    pipeline
        .apply("Read", READ.withBadRecordErrorHandler(handler))
        .apply("Write", WRITE.withBadRecordErrorHandler(handler));
    PCollection<Row> rows = pipeline.apply(Create.empty(SALES));
    rows.apply("Name", NAME.withBadRecordErrorHandler(handler));
    rows.apply("Train", TRAIN.withBadRecordErrorHandler(handler));
    rows.apply("Score", SCORE.withBadRecordErrorHandler(handler));
    handler.close();
    assertEquals(Set.of("Read", "Write", "Name", "Train", "Score"), stepsWithBadRecords());
  }

  private Set<String> stepsWithBadRecords() {
    Set<String> steps = new TreeSet<>();
    pipeline.traverseTopologically(
        new PipelineVisitor.Defaults() {
          @Override
          public void visitPrimitiveTransform(TransformHierarchy.Node node) {
            // Beam's own steps may have such outputs, too.
            if (node.getTransform() instanceof ParDo.MultiOutput<?, ?> step
                && step.getFn().getClass().getName().startsWith("dev.sheaf.")
                && node.getOutputs().containsKey(BadRecordRouter.BAD_RECORD_TAG)) {
              steps.add(node.getFullName().replaceFirst("/.*", ""));
            }
          }
        });
    return steps;
  }
}
