package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

/** Runners tear instances down from other threads while their bundles run. */
final class TornDownTest {
  private final List<Long> results = new ArrayList<>();
  private final List<BadRecord> refused = new ArrayList<>();

  private final Outlet<PredictionResult<Long, Long>> outlet =
      new Outlet<>() {
        @Override
        public void result(
            PredictionResult<Long, Long> result, Instant timestamp, BoundedWindow window) {
          results.add(result.inference());
        }

        @Override
        public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
          refused.add(record);
        }
      };

  private static Inferring<Long, PredictionResult<Long, Long>> inferring(
      InferElements.PreProcessing<Long> preProcessing,
      InferElements.PostProcessing<Long> postProcessing) {
    return new Inferring<>(
        new ElementDoor<>(
            ElementDoor.Envelope.<Long, Long>bare(),
            new InferElements.Functions<>(preProcessing, postProcessing, null, null, Map.of()),
            true,
            new BadElements<>(VarLongCoder.of(), "test", null)),
        InferSettings.of(AnyGraph.countingTo()).withBatching(Batching.eachAlone()),
        new InferenceMetrics());
  }

  private static Map<String, Tensor> input(long count) {
    return Map.of("count", Tensor.of(new long[] {count}));
  }

  @Test
  void aRunningCallEndsAndThenItsSessionIsClosed() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    Inferring<Long, PredictionResult<Long, Long>> inferring =
        inferring(
            count -> {
              reading.countDown();
              return input(count);
            },
            outputs -> AnyGraph.tensor(outputs, "counted").longs()[0]);
    inferring.begin();
    ExecutorService bundle = Executors.newSingleThreadExecutor();
    try {
      Future<?> running =
          bundle.submit(
              () -> {
                inferring.add(1_000_000L, Instant.EPOCH, GlobalWindow.INSTANCE, null, outlet);
                return null;
              });
      assertTrue(reading.await(30, TimeUnit.SECONDS));
      inferring.close();
      inferring.close();
      running.get(60, TimeUnit.SECONDS);
    } finally {
      bundle.shutdownNow();
    }
    assertEquals(List.of(1_000_000L), results);
    assertEquals(List.of(), refused);
    assertFalse(OpenModels.shared().isOpen(AnyGraph.countingTo()));
    assertThrows(
        IllegalStateException.class,
        () -> inferring.add(1L, Instant.EPOCH, GlobalWindow.INSTANCE, null, outlet));
  }

  @Test
  void anElementIsNotToBlameForAThreadThatIsStopped() throws Exception {
    Inferring<Long, PredictionResult<Long, Long>> inferring =
        inferring(
            count -> {
              if (count == 1) {
                throw new UncheckedIOException(new ClosedByInterruptException());
              }
              return input(count);
            },
            outputs -> {
              Thread.currentThread().interrupt();
              throw new IllegalStateException("cancelled");
            });
    inferring.begin();
    for (long element : new long[] {1, 2}) {
      assertThrows(
          IllegalStateException.class,
          () -> inferring.add(element, Instant.EPOCH, GlobalWindow.INSTANCE, null, outlet));
      assertTrue(Thread.interrupted());
    }
    inferring.close();
    assertEquals(List.of(), results);
    assertEquals(List.of(), refused);
  }

  @Test
  void aThreadThatWaitsForAnothersModelCanBeStopped() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    OpenModels models =
        new OpenModels(
            model -> {
              opening.countDown();
              try {
                assertTrue(go.await(60, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return TensorSession.open(model);
            });
    OpenModels.Key key = new OpenModels.Key(AnyGraph.countingTo(), "");
    ExecutorService opener = Executors.newSingleThreadExecutor();
    try {
      Future<OpenModels.Lease> opened = opener.submit(() -> models.acquire(key));
      assertTrue(opening.await(60, TimeUnit.SECONDS));
      Thread.currentThread().interrupt();
      assertThrows(IllegalStateException.class, () -> models.acquire(key));
      assertTrue(Thread.interrupted());
      go.countDown();
      opened.get(60, TimeUnit.SECONDS).close();
      assertEquals(0, models.size());
    } finally {
      opener.shutdownNow();
    }
  }

  @Test
  void nothingIsFreedWhileAMethodRunsAndAllOfItOnce() {
    List<String> freed = new ArrayList<>();
    Occupancy occupancy = new Occupancy(() -> freed.add("freed"));
    occupancy.enter();
    occupancy.close();
    assertEquals(List.of(), freed);
    occupancy.leave();
    occupancy.close();
    assertEquals(List.of("freed"), freed);
    assertThrows(IllegalStateException.class, occupancy::enter);
  }

  @Test
  void onlyFaultsOfTheMachinePass() {
    assertTrue(
        LoadFault.isPassing(new IllegalStateException("x", new IOException("std::bad_alloc"))));
    assertTrue(
        LoadFault.isPassing(
            new IllegalStateException(
                "x", new IOException("CUDA failure 2: out of memory ; GPU=0"))));
    assertTrue(
        LoadFault.isPassing(new UncheckedIOException(new IOException("No space left on device"))));
    assertFalse(
        LoadFault.isPassing(
            new IllegalStateException("x", new IOException("Protobuf parsing failed."))));
    assertFalse(LoadFault.isPassing(new IllegalArgumentException("an output out of memory")));
    Thread.currentThread().interrupt();
    assertTrue(LoadFault.isPassing(new IllegalStateException("interrupted")));
    assertTrue(Thread.interrupted());
  }
}
