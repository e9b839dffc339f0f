package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.inference.CachedModel.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ModelCacheTest {
  private static final byte[] TREES = Graphs.trees(5);
  private static final byte[] ONNX = StoredModel.onnx("a", 10);
  private static final byte[] OTHER = StoredModel.onnx("b", 20);

  private final ModelCache cache = new ModelCache();
  private final AtomicInteger loads = new AtomicInteger();

  private ModelCache.Found find(String digest) {
    return find(digest, TREES);
  }

  private ModelCache.Found find(String digest, byte[] onnx) {
    return cache.acquire(
        new ModelCache.Key(digest, ExecutionProvider.cpu()),
        templates -> {
          loads.incrementAndGet();
          return templates.open(onnx, ExecutionProvider.cpu());
        });
  }

  private Lease acquire(String digest) {
    return find(digest).lease();
  }

  private boolean acquireAndClose(String digest) {
    ModelCache.Found found = find(digest);
    found.lease().close();
    return found.loadedNow();
  }

  private static ModelSession session(Lease lease) {
    return ((LoadedModel.Alone) lease.model()).session();
  }

  private static double predict(ModelSession session) {
    return session.predict(InputColumns.ofNumbers(new double[][] {{3}}, 1))[0];
  }

  private static void assertClosed(ModelSession session) {
    assertThrows(RuntimeException.class, () -> predict(session));
  }

  /** A budget for one session but not for two. */
  private long joinForOne() {
    try (ModelSession session = ModelSession.open(TREES, ExecutionProvider.cpu())) {
      cache.join(session.byteSize() * 3 / 2);
      return session.byteSize();
    }
  }

  @Test
  void theFirstOfAShapeSharesTheTemplateOnceTheSecondHasCome() {
    cache.join(1L << 30);
    Lease first = find("a", ONNX).lease();
    ModelSession session = session(first);
    Lease second = find("b", OTHER).lease();
    LoadedModel.Weighted weighted =
        assertInstanceOf(LoadedModel.Weighted.class, first.cached().model());
    assertSame(((LoadedModel.Weighted) second.model()).template(), weighted.template());
    try (Lease again = find("a", OTHER).lease()) {
      assertSame(weighted, again.model());
    }
    assertEquals(16, predict(session), 1e-9, "closed while it is used");
    first.close();
    assertClosed(session);
    second.close();
    assertEquals(2, loads.get());
    cache.leave();
    assertEquals(0, cache.heldBytes());
    assertFalse(weighted.template().retain(), "the template is open still");
  }

  @Test
  void aFirstOfAShapeThatWasDroppedIsNotReplaced() {
    cache.join(1L << 30);
    Lease first = find("a", ONNX).lease();
    first.close();
    first.cached().takeUsed();
    cache.makeRoom(1L << 30);
    assertEquals(0, cache.size());
    try (Lease second = find("b", OTHER).lease()) {
      assertInstanceOf(LoadedModel.Weighted.class, second.model());
    }
    assertEquals(1, cache.size());
    cache.leave();
    assertEquals(0, cache.heldBytes());
  }

  @Test
  void anEvictedSessionIsClosedByItsLastUserAndNotBefore() {
    joinForOne();
    Lease first = acquire("a");
    Lease second = acquire("a");
    acquire("b").close();
    assertEquals(1, cache.takeEvictions());
    assertNull(first.cached().model());
    assertNull(first.cached().lease());
    assertEquals(5, predict(session(first)));
    first.close();
    assertEquals(5, predict(session(second)));
    second.close();
    assertClosed(session(second));
  }

  @Test
  void aSessionLargerThanTheBudgetWorksAndIsClosedAfterUse() {
    cache.join(1);
    Lease lease = acquire("a");
    assertEquals(5, predict(session(lease)));
    assertEquals(0, cache.heldBytes());
    lease.close();
    assertClosed(session(lease));
    assertEquals(1, cache.takeEvictions());
  }

  @Test
  void evictionsAreTakenOnceAndWhatIsHeldStaysWithinTheBudget() {
    long size = joinForOne();
    acquire("a").close();
    assertEquals(0, cache.takeEvictions());
    acquire("b").close();
    acquire("c").close();
    assertEquals(2, cache.takeEvictions());
    assertEquals(0, cache.takeEvictions());
    assertEquals(size, cache.heldBytes());
    assertEquals(1, cache.size());
  }

  @Test
  void aModelThatWasAskedForStaysBeforeOneThatWasNot() {
    long size = joinForOne();
    cache.join(size * 5 / 2);
    acquireAndClose("a");
    acquireAndClose("b");
    acquireAndClose("c"); // all had been asked for: the first goes
    assertFalse(acquireAndClose("b"));
    acquireAndClose("d");
    assertFalse(acquireAndClose("b"));
    assertTrue(acquireAndClose("c"));
  }

  @Test
  void theLargestBudgetAskedForHolds() {
    cache.join(64 << 20);
    cache.join(1);
    try (Lease a = acquire("a");
        Lease b = acquire("b")) {
      assertEquals(a.model().byteSize() + b.model().byteSize(), cache.heldBytes());
    }
    assertFalse(acquireAndClose("a"));
    assertEquals(2, loads.get());
    assertEquals(0, cache.takeEvictions());
  }

  @Test
  void theLastOneWhoLeavesClosesEverything() {
    cache.join(64 << 20);
    cache.join(64 << 20);
    ModelSession open;
    try (Lease lease = acquire("a")) {
      open = session(lease);
    }
    find("1", ONNX).lease().close();
    find("2", OTHER).lease().close();
    cache.leave();
    assertEquals(5, predict(open));
    cache.leave();
    assertClosed(open);
    assertEquals(0, cache.heldBytes());
    assertEquals(0, cache.size());
    assertEquals(0, cache.takeEvictions());
  }

  @Test
  void theSecondModelOfAShapeBringsItsWeightsAlone() {
    cache.join(64 << 20);
    Lease first = find("1", ONNX).lease();
    assertInstanceOf(LoadedModel.Alone.class, first.model());
    Lease second = find("2", OTHER).lease();
    LoadedModel.Weighted weighted = assertInstanceOf(LoadedModel.Weighted.class, second.model());
    Lease third = find("3", ONNX).lease();
    assertSame(weighted.template(), ((LoadedModel.Weighted) third.model()).template());
    assertTrue(weighted.isMixed());
    assertTrue(weighted.byteSize() < 1000, weighted.byteSize() + " bytes");
    long template = weighted.template().session().byteSize();
    assertEquals(template + 3 * weighted.byteSize(), cache.heldBytes());
    first.close();
    second.close();
    third.close();
    cache.leave();
    assertEquals(0, cache.heldBytes());
    assertFalse(weighted.template().retain());
  }

  @Test
  void aTemplateIsOpenedAgainAfterAllItsModelsWent() {
    for (int round = 0; round < 3; round++) {
      cache.join(64 << 20);
      find("1", ONNX).lease().close();
      find("2", OTHER).lease().close();
      cache.leave();
    }
    cache.join(64 << 20);
    find("1", ONNX).lease().close();
    Lease second = find("2", OTHER).lease();
    try (TemplateRows rows =
        new TemplateRows(((LoadedModel.Weighted) second.model()).template().session(), 1)) {
      ModelWeights weights = ((LoadedModel.Weighted) second.model()).weights();
      rows.weights(0, weights);
      rows.number(0, 0, weights, 3);
      double[] out = new double[1];
      rows.predict(0, 1, out);
      assertEquals(26, out[0], 1e-9);
    }
    second.close();
    cache.leave();
  }

  @Test
  void threadsThatWantTheSameModelAtOnceLoadItOnce() throws Exception {
    cache.join(64 << 20);
    int threads = 8;
    CountDownLatch start = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Boolean>> loadedNow = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        loadedNow.add(
            pool.submit(
                () -> {
                  start.countDown();
                  assertTrue(start.await(30, TimeUnit.SECONDS));
                  return acquireAndClose("a");
                }));
      }
      int loaders = 0;
      for (Future<Boolean> future : loadedNow) {
        loaders += future.get(30, TimeUnit.SECONDS) ? 1 : 0;
      }
      assertEquals(1, loaders);
      assertEquals(1, loads.get());
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void manyThreadsUnderATinyBudgetAllGetWhatTheyAskFor() throws Exception {
    long size = joinForOne();
    int threads = 8;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> right = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int seed = t;
        right.add(
            pool.submit(
                () -> {
                  Random random = new Random(seed);
                  int good = 0;
                  for (int i = 0; i < 300; i++) {
                    int model = random.nextInt(6);
                    try (Lease lease = find("m" + model, Graphs.trees(model)).lease()) {
                      good += predict(session(lease)) == model ? 1 : 0;
                    }
                  }
                  return good;
                }));
      }
      for (Future<Integer> future : right) {
        assertEquals(300, future.get(120, TimeUnit.SECONDS));
      }
    } finally {
      pool.shutdownNow();
    }
    assertTrue(cache.takeEvictions() > 0);
    assertTrue(cache.heldBytes() <= size * 3 / 2, cache.heldBytes() + " bytes");
    cache.leave();
    assertEquals(0, cache.heldBytes());
  }

  @Test
  void aLoadThatFailsLeavesNothingBehind() {
    cache.join(64 << 20);
    ModelCache.Key key = new ModelCache.Key("a", ExecutionProvider.cpu());
    assertThrows(
        IllegalStateException.class,
        () ->
            cache.acquire(
                key,
                templates -> {
                  throw new IllegalStateException("broken");
                }));
    assertEquals(0, cache.heldBytes());
    assertTrue(acquireAndClose("a"));
  }
}
