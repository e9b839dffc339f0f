package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sheaf.models.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

/** A perceptron gives a row the same bits, however rows are put together. */
final class SameBitsTest {
  private static final int ROWS = 2000;
  private static final int FEATURES = 33;
  private static final Schema SCHEMA =
      Schema.builder().addInt32Field("ID").addArrayField("X", Schema.FieldType.FLOAT).build();
  private static final Map<Integer, Integer> BITS = new ConcurrentHashMap<>();

  private final Random random = new Random(7);
  private final OnnxModel perceptron =
      new AnyGraph()
          .input("X", DataType.FLOAT, -1, FEATURES)
          .floats("w1", new long[] {FEATURES, 64}, floats(FEATURES * 64))
          .floats("w2", new long[] {64, 1}, floats(64))
          .node("MatMul", List.of("X", "w1"), "hidden")
          .node("Tanh", List.of("hidden"), "active")
          .node("MatMul", List.of("active", "w2"), "Y")
          .output("Y", DataType.FLOAT, -1, 1)
          .model();
  private final List<Row> rows = rows();

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private List<Row> rows() {
    List<Row> made = new ArrayList<>();
    for (int id = 0; id < ROWS; id++) {
      List<Float> x = new ArrayList<>();
      for (float value : floats(FEATURES)) {
        x.add(value);
      }
      made.add(Row.withSchema(SCHEMA).addValue(id).addArray(x).build());
    }
    return made;
  }

  private static TestPipeline pipeline(int parallelism) {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setTargetParallelism(parallelism);
    return TestPipeline.fromOptions(options).enableAbandonedNodeEnforcement(true);
  }

  private Map<Integer, Integer> bits(TestPipeline pipeline, PCollection<Row> input, Batching how) {
    BITS.clear();
    input
        .setRowSchema(SCHEMA)
        .apply(RunInference.onRows(perceptron).withBatching(how))
        .apply(ParDo.of(new Keep()));
    pipeline.run().waitUntilFinish();
    return new HashMap<>(BITS);
  }

  private Map<Integer, Integer> batch(int parallelism, Batching how) {
    TestPipeline pipeline = pipeline(parallelism);
    return bits(pipeline, pipeline.apply(Create.of(rows).withRowSchema(SCHEMA)), how);
  }

  @Test
  void inAnyBatchAtAnyParallelismAndInAStream() {
    Map<Integer, Integer> expected = batch(1, Batching.upTo(4096));
    assertEquals(ROWS, expected.size());
    assertEquals(expected, batch(4, Batching.upTo(4096)));
    assertEquals(expected, batch(3, Batching.upTo(7)));
    assertEquals(expected, batch(2, Batching.eachAlone()));
    assertEquals(expected, batch(2, Batching.upTo(500).adapting()));
    TestStream.Builder<Row> stream = TestStream.create(RowCoder.of(SCHEMA));
    for (int from = 0; from < ROWS; from += 100) {
      List<Row> some = rows.subList(from, from + 100);
      stream = stream.addElements(some.get(0), some.subList(1, some.size()).toArray(new Row[0]));
    }
    TestPipeline streaming = pipeline(2);
    assertEquals(
        expected,
        bits(
            streaming,
            streaming.apply(stream.advanceWatermarkToInfinity()),
            Batching.upTo(64).waitingAtMost(java.time.Duration.ofSeconds(5))));
  }

  private static final class Keep extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row) {
      BITS.put(row.getInt32("ID"), Float.floatToRawIntBits(row.getFloat("Y")));
    }
  }
}
