package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.beam.sdk.util.Sleeper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class WarmUpTest {
  private static final VersionId FIRST = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
  private static final VersionId SECOND = VersionId.at(Instant.parse("2026-01-02T00:00:00Z"));
  private static final int FEW = 3;

  /** More than are opened at once. */
  private static final int MANY = 40;

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");
  private final MutableClock clock = new MutableClock();
  private final CountDownLatch mayLoad = new CountDownLatch(1);
  private final List<Thread> loading = new ArrayList<>();
  private @Nullable Models models;

  @BeforeEach
  void aStoreOfTwoVersions() {
    store = ModelStore.at(folder.resolve("models").toString());
    write(FIRST, 100);
    write(SECOND, 200);
    promote(FIRST);
    models = another();
  }

  private Models another() {
    return new Models(
        ScoreSettings.of(store.champion()).refreshedEvery(Duration.ofMinutes(1)).withClock(clock),
        new InferenceMetrics(),
        Sleeper.DEFAULT);
  }

  @AfterEach
  void leave() throws InterruptedException {
    mayLoad.countDown();
    for (Thread thread : loading) {
      thread.join();
    }
    models().close();
  }

  private Models models() {
    return Objects.requireNonNull(models);
  }

  private void write(VersionId version, int intercept) {
    List<CandidateModel> all = new ArrayList<>();
    for (int k = 0; k < MANY; k++) {
      all.add(CandidateModel.of(key(k), StoredModel.onnx(key(k), intercept + k), 20, Map.of()));
    }
    VersionWriter writer = store.write(version);
    writer.commit(List.of(writer.writeShard(0, 1, all)), List.of(), Map.of());
  }

  private void promote(VersionId version) {
    store.promote(ModelStore.CHAMPION, Alias.to(version));
  }

  private static String key(int number) {
    return "k" + number;
  }

  private ChosenModel chosen(int key) {
    return Objects.requireNonNull(models().generation().ofKey(key(key)));
  }

  private VersionId serving() {
    return chosen(0).ref().version();
  }

  private void use(int keys) {
    for (int k = 0; k < keys; k++) {
      models().acquire(chosen(k), 1).close();
      chosen(k).served();
    }
  }

  private void refreshAfterAMinute() {
    clock.advance(Duration.ofSeconds(61));
    models().refresh();
  }

  private void awaitVersion(VersionId version) {
    while (!serving().equals(version)) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      models().refresh();
    }
  }

  private @Nullable LoadedModel open(int key) {
    CachedModel cached = chosen(key).cached();
    return cached == null ? null : cached.model();
  }

  /** Has the second version's model of a key wait before it is opened. */
  private void delay(int key) {
    ModelCache.Key wanted =
        new ModelCache.Key(
            Objects.requireNonNull(store.version(SECOND).find(key(key)).orElse(null)).digest(),
            ExecutionProvider.cpu());
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () ->
                ModelCache.shared()
                    .acquire(
                        wanted,
                        templates -> {
                          begun.countDown();
                          await(mayLoad);
                          byte[] onnx = StoredModel.onnx(key(key), 200 + key);
                          return new LoadedModel.Alone(
                              ModelSession.open(onnx, ExecutionProvider.cpu()), null);
                        })
                    .lease()
                    .close());
    thread.setDaemon(true);
    loading.add(thread);
    thread.start();
    await(begun);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void modelsOfKeysInUseAreOpenWhenANewVersionServes() {
    use(FEW);
    promote(SECOND);
    refreshAfterAMinute();
    assertEquals(SECOND, serving());
    for (int k = 0; k < FEW; k++) {
      assertNotNull(open(k), key(k));
    }
    assertNull(open(FEW), "nobody uses it");
  }

  @Test
  void theOldVersionServesWhileManyAreOpened() {
    use(MANY);
    delay(MANY - 1);
    promote(SECOND);
    refreshAfterAMinute();
    assertEquals(FIRST, serving());
    clock.advance(Duration.ofSeconds(50));
    models().refresh();
    assertEquals(FIRST, serving());
    mayLoad.countDown();
    awaitVersion(SECOND);
    for (int k = 0; k < MANY; k++) {
      assertNotNull(open(k), key(k));
    }
  }

  @Test
  void aModelThatIsNotOpenedInAMinuteKeepsNothingBack() {
    use(MANY);
    delay(0);
    promote(SECOND);
    refreshAfterAMinute();
    assertEquals(FIRST, serving());
    refreshAfterAMinute();
    assertEquals(SECOND, serving());
  }

  @Test
  void aVersionThatIsTakenBackWhileItsModelsAreOpenedNeverServes() {
    use(MANY);
    delay(0);
    promote(SECOND);
    refreshAfterAMinute();
    promote(FIRST);
    clock.advance(Duration.ofSeconds(59));
    models().refresh();
    refreshAfterAMinute();
    mayLoad.countDown();
    refreshAfterAMinute();
    assertEquals(FIRST, serving());
  }

  @Test
  void aTokenThatIsTakenBackWhileItsModelsAreOpenedNeverServes() {
    use(MANY);
    String first = store.champion().token();
    delay(0);
    promote(SECOND);
    models().refreshTo(store.champion().token());
    promote(FIRST);
    models().refreshTo(first);
    mayLoad.countDown();
    refreshUntilNothingIsOpened(first);
    assertEquals(FIRST, serving());
  }

  private void refreshUntilNothingIsOpened(String token) {
    CurrentModels current = CurrentModels.join(store.champion(), ExecutionProvider.cpu());
    try {
      while (current.isOpening()) {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        models().refreshTo(token);
      }
    } finally {
      current.leave();
    }
  }

  @Test
  void whoeverStartsMeanwhileWaitsForTheModelsLikeTheOthers() {
    use(MANY);
    delay(0);
    promote(SECOND);
    refreshAfterAMinute();
    Models late = another();
    assertSame(models().generation(), late.generation());
    assertEquals(FIRST, serving());
    late.close();
  }

  @Test
  void replacedModelsMakeRoomForThoseThatComeNext() {
    use(FEW);
    List<CachedModel> replaced = new ArrayList<>();
    for (int k = 0; k < FEW; k++) {
      replaced.add(Objects.requireNonNull(chosen(k).cached()));
    }
    promote(SECOND);
    refreshAfterAMinute();
    assertEquals(SECOND, serving());
    assertTrue(ModelCache.shared().makeRoom(ModelCache.shared().budgetBytes() * 3 / 4));
    assertTrue(replaced.stream().allMatch(model -> model.model() != null), "there was room");
    assertFalse(ModelCache.shared().makeRoom(ModelCache.shared().budgetBytes()));
    assertTrue(replaced.stream().allMatch(model -> model.model() == null), "nobody uses them");
    for (int k = 0; k < FEW; k++) {
      assertNotNull(open(k), key(k));
    }
  }

  @Test
  void aTokenIsAskedForAgainUntilItServes() {
    use(MANY);
    delay(0);
    promote(SECOND);
    String token = store.champion().token();
    models().refreshTo(token);
    assertEquals(FIRST, serving());
    mayLoad.countDown();
    while (!serving().equals(SECOND)) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      models().refreshTo(token);
    }
    assertNotNull(open(0));
  }
}
