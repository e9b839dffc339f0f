package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.Trainer;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that are not parsed are what parsing makes of them. */
final class ModelSplitterTest {
  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.sheaf.models.onnx.TrainedFamilies#families")
  void modelsAfterOthersAreTakenApartAsByThemselves(
      String name, Trainer trainer, TableSchema schema, int classes, Rows rows) {
    ModelSplitter splitter = new ModelSplitter();
    Set<ModelTemplate> templates = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int seed = 1; seed <= 12; seed++) {
      byte[] onnx = TrainedFamilies.train(trainer, schema, classes, seed);
      assertSameParts(onnx, splitter);
      templates.add(splitter.split(onnx).orElseThrow().template());
    }
    // Models with tables of their own are parsed each.
    boolean alike = schema.equals(TrainedFamilies.NUMBERS) && !name.equals("mean");
    assertTrue(!alike || templates.size() <= 3, templates.size() + " parsed");
  }

  /** What is changed are weights, names, sizes, types, properties and whatever else there is. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.sheaf.models.onnx.TrainedFamilies#families")
  void damagedModelsAreTakenApartAsByThemselves(
      String name, Trainer trainer, TableSchema schema, int classes, Rows rows) {
    ModelSplitter splitter = new ModelSplitter();
    byte[] onnx = TrainedFamilies.train(trainer, schema, classes, 1);
    assertSameParts(onnx, splitter);
    Random random = new Random(7);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = onnx.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        int place = random.nextInt(damaged.length);
        damaged[place] =
            (byte) (random.nextBoolean() ? damaged[place] ^ (1 << random.nextInt(8)) : -1);
      }
      assertSameParts(damaged, splitter);
      int place = random.nextInt(onnx.length - Double.BYTES);
      byte[] withoutNumber = damaged.clone();
      Arrays.fill(withoutNumber, place, place + Double.BYTES, (byte) -1); // NaN, of a weight.
      assertSameParts(withoutNumber, splitter);
    }
    for (String property : List.of(ModelMetadata.FEATURES, ModelMetadata.CLASSES, "else")) {
      assertSameParts(ModelMetadata.withProperty(onnx, property, "[]"), splitter);
    }
    assertSameParts(Arrays.copyOf(onnx, onnx.length - 1), splitter);
    byte[] twice = Arrays.copyOf(onnx, 2 * onnx.length);
    System.arraycopy(onnx, 0, twice, onnx.length, onnx.length);
    assertSameParts(twice, splitter);
  }

  private static void assertSameParts(byte[] onnx, ModelSplitter splitter) {
    Optional<SplitModel> expected = SplitModel.of(onnx);
    Optional<SplitModel> found = splitter.split(onnx);
    assertEquals(digest(expected), digest(found));
    assertEquals(weights(expected), weights(found));
    assertEquals(
        expected.map(SplitModel::byteSize).orElse(0L), found.map(SplitModel::byteSize).orElse(0L));
  }

  private static String digest(Optional<SplitModel> split) {
    return split.map(model -> model.template().digest()).orElse("none");
  }

  private static List<Long> weights(Optional<SplitModel> split) {
    return split.stream()
        .flatMapToDouble(model -> Arrays.stream(model.weights().values()))
        .mapToObj(Double::doubleToRawLongBits)
        .toList();
  }
}
