package dev.sheaf.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitedCallsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void anInterruptedCallerMakesNoCall() {
    AtomicInteger made = new AtomicInteger();
    try (LimitedCalls calls = new LimitedCalls("calls", LONG)) {
      for (int i = 0; i < 1_000; i++) {
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> calls.call(made::incrementAndGet));
        assertTrue(Thread.interrupted());
      }
      assertEquals(new LimitedCalls.Done<>(1), calls.call(made::incrementAndGet));
    }
  }

  @Test
  void aCallerInterruptedAsItWaitsEndsTheCall() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    try (LimitedCalls calls = new LimitedCalls("calls", LONG)) {
      assertThrows(
          CancellationException.class,
          () ->
              calls.call(
                  () -> {
                    caller.interrupt();
                    try {
                      Thread.sleep(LONG.toMillis());
                    } finally {
                      ended.countDown();
                    }
                    return 1;
                  }));
      assertTrue(Thread.interrupted());
      ended.await();
      assertEquals(new LimitedCalls.Done<>(2), calls.call(() -> 2));
    }
  }

  @Test
  void aCallThatIsClosedMeanwhileHasNoResult() {
    LimitedCalls calls = new LimitedCalls("calls", LONG);
    CancellationException closed =
        assertThrows(
            CancellationException.class,
            () ->
                calls.call(
                    () -> {
                      calls.close();
                      Thread.sleep(LONG.toMillis());
                      return 1;
                    }));
    assertEquals("closed while waiting for calls", closed.getMessage());
    assertThrows(CancellationException.class, () -> calls.call(() -> 2));
  }

  @Test
  void aCallerInterruptedAsItStopsALateCallIsToldNothing() {
    CountDownLatch release = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    try (LimitedCalls calls = new LimitedCalls("calls", Duration.ofMillis(50))) {
      assertThrows(
          CancellationException.class,
          () ->
              calls.call(
                  () -> {
                    try {
                      return release.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException stopped) {
                      caller.interrupt();
                      return release.await(1, TimeUnit.MINUTES);
                    }
                  }));
      assertTrue(Thread.interrupted());
    } finally {
      release.countDown();
    }
  }
}
