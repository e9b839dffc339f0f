package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.transforms.inference.SessionCache.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SessionCacheTest {
  private static final byte[] ONNX = StoredModel.onnx("a", 10);

  private final SessionCache cache = new SessionCache();
  private final AtomicInteger loads = new AtomicInteger();

  private Lease acquire(String digest) {
    return cache.acquire(new SessionCache.Key(digest, ExecutionProvider.cpu()), this::load);
  }

  private ModelSession load() {
    loads.incrementAndGet();
    return ModelSession.open(ONNX, ExecutionProvider.cpu());
  }

  private static double predict(ModelSession session) {
    return session.predict(InputColumns.ofNumbers(new double[][] {{3}}, 1))[0];
  }

  private static void assertClosed(ModelSession session) {
    assertThrows(RuntimeException.class, () -> predict(session));
  }

  /** A budget for one session but not for two. */
  private void reserveForOne() {
    try (ModelSession session = load()) {
      cache.reserve(session.byteSize() * 3 / 2);
    }
    loads.set(0);
  }

  @Test
  void anEvictedSessionIsClosedByItsLastUserAndNotBefore() {
    cache.reserve(1); // evicted as soon as it is loaded
    Lease first = acquire("a");
    assertTrue(first.shared().retain());
    Lease second = new Lease(first.shared(), false);
    assertEquals(1, cache.takeEvictions());
    assertEquals(16, predict(first.session()), 1e-9);
    first.close();
    assertEquals(16, predict(second.session()), 1e-9);
    second.close();
    assertClosed(second.session());
    assertFalse(first.shared().retain());
  }

  @Test
  void aSessionLargerThanTheBudgetWorksAndIsClosedAfterUse() {
    cache.reserve(1);
    Lease lease = acquire("a");
    assertTrue(lease.loadedNow());
    assertEquals(16, predict(lease.session()), 1e-9);
    assertEquals(0, cache.heldBytes());
    lease.close();
    assertClosed(lease.session());
    assertEquals(1, cache.takeEvictions());
  }

  @Test
  void evictionsAreTakenOnceAndWhatIsHeldStaysWithinTheBudget() {
    reserveForOne();
    long size;
    try (Lease lease = acquire("a")) {
      size = lease.session().byteSize();
    }
    assertEquals(0, cache.takeEvictions());
    acquire("b").close();
    acquire("c").close();
    assertEquals(2, cache.takeEvictions());
    assertEquals(0, cache.takeEvictions());
    assertEquals(size, cache.heldBytes());
  }

  @Test
  void theLargestBudgetAskedForHolds() {
    cache.reserve(64 << 20);
    cache.reserve(1);
    try (Lease a = acquire("a");
        Lease b = acquire("b")) {
      assertEquals(a.session().byteSize() + b.session().byteSize(), cache.heldBytes());
    }
    assertFalse(acquireAndClose("a"));
    assertEquals(2, loads.get());
    assertEquals(0, cache.takeEvictions());
  }

  private boolean acquireAndClose(String digest) {
    try (Lease lease = acquire(digest)) {
      return lease.loadedNow();
    }
  }

  @Test
  void threadsThatWantTheSameModelAtOnceLoadItOnce() throws Exception {
    cache.reserve(64 << 20);
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
  void aLoadThatFailsLeavesNothingBehind() {
    cache.reserve(64 << 20);
    SessionCache.Key key = new SessionCache.Key("a", ExecutionProvider.cpu());
    assertThrows(
        IllegalStateException.class,
        () ->
            cache.acquire(
                key,
                () -> {
                  throw new IllegalStateException("broken");
                }));
    assertEquals(0, cache.heldBytes());
    assertTrue(acquireAndClose("a"));
  }
}
