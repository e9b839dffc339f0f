package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NearModelsTest {
  private static final int MODELS = 200;

  private final ModelCache cache = new ModelCache();
  private final NearModels near = new NearModels();
  private final Map<SharedTemplate, TemplateRows> buffers = new HashMap<>();

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private Generation generation;

  @BeforeEach
  void publish() {
    cache.join(1L << 30);
    ModelStore store = ModelStore.at(folder.toString());
    ScoredRows.publish(
        store,
        IntStream.range(0, MODELS)
            .mapToObj(i -> ScoredRows.model(ModelScope.key("k" + i), StoredModel.onnx("k" + i, i)))
            .toArray(CandidateModel[]::new));
    generation = new Generation(store.champion().resolve());
  }

  @AfterEach
  void leave() {
    buffers.values().forEach(TemplateRows::close);
    cache.leave();
  }

  private ChosenModel load(int number) {
    return ScoredRows.load(cache, generation, "k" + number);
  }

  /** What the model at a place predicts at the price 1: its number and 2, whether kept or not. */
  private double predict(int place) {
    double prediction = predictOnce(place);
    for (int row = 0; row < 3; row++) {
      assertEquals(prediction, predictOnce(place), "of row " + (row + 2));
    }
    return prediction;
  }

  private double predictOnce(int place) {
    double[] prediction = new double[1];
    TemplateRows rows = rows(place);
    near.give(place, rows, 0);
    rows.number(0, 0, near.weights(place), 1);
    rows.predict(0, 1, prediction);
    return prediction[0];
  }

  /** The buffers of a model's template, the same for all of its models. */
  private TemplateRows rows(int place) {
    return buffers.computeIfAbsent(
        Objects.requireNonNull(near.template(place)),
        template -> new TemplateRows(template.session(), 1));
  }

  @Test
  void eachModelKeepsItsWeightsAsOthersCome() {
    // The first of a shape has a session of its own.
    load(0);
    int[] places = IntStream.range(1, MODELS).map(i -> near.add(load(i))).toArray();
    for (int i = 1; i < MODELS; i++) {
      assertEquals(i + 2.0, predict(places[i - 1]), 1e-9);
      assertEquals("k" + i, near.modelKey(places[i - 1]));
    }
  }

  @Test
  void roomThatReplacedModelsLeftIsTold() {
    load(0);
    ChosenModel model = load(1);
    int place = near.add(model);
    int replaced = 0;
    while (!near.isWasteful()) {
      near.give(place, rows(place), 0);
      near.give(place, rows(place), 0);
      near.drop(place);
      near.free();
      assertEquals(place, near.add(model));
      assertTrue(++replaced < 1_000_000, "all room is lost");
    }
    assertEquals(3, predict(place), 1e-9);
    near.clear();
    assertTrue(!near.isWasteful(), "nothing is lost after clearing");
    assertEquals(3, predict(near.add(model)), 1e-9);
  }

  @Test
  void beyondTheRoomForCopiesWeightsStayWhereTheyAre() {
    load(0);
    ChosenModel model = load(1);
    int size = near.weights(near.add(model)).size();
    int room = 1 << 20;
    for (int copied = 0; copied < room + 100 * size; copied += size) {
      int place = near.add(model);
      near.give(place, rows(place), 0);
      near.give(place, rows(place), 0);
    }
    assertTrue(
        rows(0).byteSize() < 17L << 20, () -> "the buffers have " + rows(0).byteSize() + " bytes");
    int last = near.add(load(2));
    assertEquals(4, predict(last), 1e-9);
    assertEquals(3, predict(0), 1e-9);
  }

  @Test
  void otherBuffersOfATemplateKeepWhatTheOldOnesDid() {
    load(0);
    int first = near.add(load(1));
    int second = near.add(load(2));
    assertEquals(3, predict(first), 1e-9);
    near.lose(Objects.requireNonNull(near.template(first)));
    buffers.values().forEach(TemplateRows::close);
    buffers.clear();
    assertEquals(4, predict(second), 1e-9);
    assertEquals(3, predict(first), 1e-9);
  }

  @Test
  void aModelOfItsOwnSessionHasNoTemplate() {
    assertNull(near.template(near.add(load(0))));
  }

  @Test
  void theLaterOfTwoHasThePlaceOfADroppedOneOnceItIsFree() {
    load(0);
    int first = near.add(load(1));
    int second = near.add(load(2));
    near.drop(first);
    int third = near.add(load(3));
    assertNotEquals(first, third);
    assertEquals(3, predict(first), 1e-9);
    near.free();
    near.drop(second);
    assertEquals(first, near.add(load(4)));
    assertEquals(6, predict(first), 1e-9);
    assertEquals(4, predict(second), 1e-9);
    assertEquals(5, predict(third), 1e-9);
    near.free();
    assertEquals(second, near.add(load(5)));
    assertEquals(7, predict(second), 1e-9);
  }

  @Test
  void predictionsTellOfTheModel() {
    ChosenModel model = load(1);
    Object[] columns = new Object[5];
    near.tell(near.add(model), columns, 1);
    assertSame(model.modelKey(), columns[1]);
    assertSame(model.version(), columns[2]);
    assertEquals("KEY", columns[3]);
    assertNull(columns[4]);
  }

  @Test
  void aModelIsSaidToHaveServedWhenItDoes() {
    ChosenModel model = load(1);
    int place = near.add(model);
    assertTrue(!model.hasServed(), "it has served before any row came");
    near.served(place);
    assertTrue(model.hasServed(), "it has not served");
  }

  @Test
  void afterClearingPlacesBeginAnew() {
    load(0);
    near.add(load(1));
    near.drop(near.add(load(2)));
    near.clear();
    near.free();
    assertEquals(0, near.add(load(3)));
    assertEquals(1, near.add(load(4)));
    assertEquals(5, predict(0), 1e-9);
    assertEquals(6, predict(1), 1e-9);
  }
}
