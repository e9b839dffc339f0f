package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ModelMetadataTest {
  private static final ModelMetadata METADATA =
      new ModelMetadata(
          "store 7",
          "SALES",
          List.of(
              new Feature("A", FeatureType.INTEGER), new Feature("B \"x\"", FeatureType.BOOLEAN)),
          "linear",
          Map.of("ridge", "0.5"),
          123,
          "fraction:0.2");

  private static byte[] model() {
    OnnxGraph graph = OnnxGraph.of(METADATA);
    graph.node("Sum", graph.inputs(), ModelSession.OUTPUT);
    return graph.toBytes();
  }

  @Test
  void aModelSaysWhatItIs() {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("key", "store 7");
    expected.put("label", "SALES");
    expected.put(
        "features",
        "[{\"name\":\"A\",\"type\":\"INTEGER\"},{\"name\":\"B \\\"x\\\"\",\"type\":\"BOOLEAN\"}]");
    expected.put("trainer", "linear");
    expected.put("parameters", "{\"ridge\":\"0.5\"}");
    expected.put("training_rows", "123");
    expected.put("holdout", "fraction:0.2");
    assertEquals(expected, ModelMetadata.read(model()));
  }

  @Property(tries = 100)
  void propertiesAreAppendedAndTheModelStaysWhole(
      @ForAll @Size(max = 6) Map<String, String> properties) throws InvalidProtocolBufferException {
    byte[] plain = model();
    byte[] onnx = plain;
    Map<String, String> expected = new LinkedHashMap<>(ModelMetadata.read(plain));
    for (Map.Entry<String, String> property : properties.entrySet()) {
      // Unpaired surrogates are not text that UTF-8 can carry.
      String name = property.getKey().replaceAll("[\\ud800-\\udfff]", "?");
      String value = property.getValue().replaceAll("[\\ud800-\\udfff]", "?");
      onnx = ModelMetadata.withProperty(onnx, name, value);
      expected.put(name, value);
    }
    assertEquals(expected, ModelMetadata.read(onnx));
    ModelProto parsed = ModelProto.parseFrom(onnx);
    assertEquals(ModelProto.parseFrom(plain).getGraph(), parsed.getGraph());
    assertEquals(7 + properties.size(), parsed.getMetadataPropsCount());
  }

  @Test
  void theLaterOfTwoValuesCountsAndTheModelStillRuns() {
    byte[] onnx = ModelMetadata.withProperty(model(), ModelMetadata.VERSION, "1");
    onnx = ModelMetadata.withProperty(onnx, ModelMetadata.VERSION, "2");
    assertEquals("2", ModelMetadata.read(onnx).get("version"));
    double[] out;
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      assertEquals(
          List.of("A", "B \"x\""), session.features().stream().map(Feature::name).toList());
      out = session.predict(InputColumns.ofNumbers(new double[][] {{1, 2}, {30, 40}}, 2));
    }
    assertEquals(31, out[0]);
    assertEquals(42, out[1]);
  }

  @Test
  void otherBytesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> ModelMetadata.read(new byte[] {(byte) 0xff, 1, 2}));
  }
}
