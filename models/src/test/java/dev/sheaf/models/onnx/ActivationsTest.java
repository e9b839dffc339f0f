package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ActivationsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final CudaProvider CUDA = ExecutionProvider.cuda();

  private final List<GpuProvider> tried = new CopyOnWriteArrayList<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();

  private Activations activations(Activations.Trial trial, Duration limit) {
    return new Activations(recorded(trial), limit, warnings::add);
  }

  private Activations activations(Activations.Trial trial, Duration limit, AtomicLong nanos) {
    return new Activations(recorded(trial), limit, warnings::add, nanos::get);
  }

  private Activations.Trial recorded(Activations.Trial trial) {
    return provider -> {
      tried.add(provider);
      trial.run(provider);
    };
  }

  private static void noDriver(GpuProvider provider) {
    throw new IllegalStateException(
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot"
            + " open shared object file: No such file or directory");
  }

  @Test
  void aDeviceThatWorksIsTriedOnceWhateverThePolicy() {
    Activations activations = activations(provider -> {}, LIMIT);
    for (CudaProvider cuda : List.of(CUDA, CUDA.orCpu(), CUDA.wholly(), CUDA.withWarmUp(3))) {
      assertSame(cuda, activations.activate(cuda));
    }
    activations.activate(CUDA.onDevice(1));
    activations.activate(CUDA.withMemoryLimit(1 << 20));
    activations.activate(ExecutionProvider.tensorRt());
    assertEquals(
        List.of(
            CUDA.bare(),
            CUDA.onDevice(1).bare(),
            CUDA.withMemoryLimit(1 << 20).bare(),
            ExecutionProvider.tensorRt().bare()),
        tried);
    assertEquals(List.of(), warnings);
  }

  @Test
  void theCpuIsNotTried() {
    Activations activations = activations(ActivationsTest::noDriver, LIMIT);
    CpuProvider cpu = ExecutionProvider.cpu().withThreads(2);
    assertSame(cpu, activations.activate(cpu));
    assertEquals(List.of(), tried);
  }

  @Test
  void withoutADeviceItFailsEachTimeWithWhatIsMissing() {
    Activations activations = activations(ActivationsTest::noDriver, LIMIT);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          "cannot use CUDA device 0: the library libcuda.so.1 of the NVIDIA driver is missing: there"
              + " is no GPU, or the container was not given it (docker run --gpus all) (Failed to"
              + " load library libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot"
              + " open shared object file: No such file or directory); to go on without a GPU choose"
              + " cuda().orCpu(), see docs/gpu.md",
          assertThrows(OnnxFailure.class, () -> activations.activate(CUDA)).getMessage());
    }
    assertEquals(1, tried.size());
  }

  @Test
  void theCpuTakesItsPlaceWithOneWarning() throws Exception {
    Activations activations = activations(ActivationsTest::noDriver, LIMIT);
    CpuProvider four = ExecutionProvider.cpu().withThreads(4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<ExecutionProvider>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        answers.add(threads.submit(() -> activations.activate(CUDA.orCpu(four))));
      }
      for (Future<ExecutionProvider> answer : answers) {
        assertEquals(four, answer.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(1, tried.size());
    assertEquals(1, warnings.size(), warnings::toString);
    assertEquals(
        "; the CPU takes its place", warnings.get(0).substring(warnings.get(0).lastIndexOf(';')));
  }

  @Test
  void aDeviceThatNeverAnswersIsGivenUp() {
    CountDownLatch never = new CountDownLatch(1);
    Activations activations = activations(provider -> never.await(), Duration.ofMillis(200));
    assertEquals(
        "cannot use CUDA device 3: it did not answer within 200 ms; look at nvidia-smi on that"
            + " machine; to go on without a GPU choose cuda().orCpu(), see docs/gpu.md",
        assertThrows(OnnxFailure.class, () -> activations.activate(CUDA.onDevice(3))).getMessage());
    assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.onDevice(3).orCpu()));
    assertEquals(1, tried.size());
    never.countDown();
  }

  @Test
  void aDeviceThatNeverAnswersIsWaitedForOnceInAll() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    AtomicLong nanos = new AtomicLong();
    Activations activations =
        activations(
            provider -> {
              begun.countDown();
              never.await();
            },
            LIMIT,
            nanos);
    activations.activate(ExecutionProvider.cpu());
    Thread.currentThread().interrupt();
    assertThrows(OnnxFailure.class, () -> activations.activate(CUDA.orCpu()));
    assertTrue(Thread.interrupted());
    nanos.addAndGet(LIMIT.toNanos());
    assertTimeoutPreemptively(
        LIMIT.dividedBy(2),
        () -> {
          for (int i = 0; i < 3; i++) {
            assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.orCpu()));
          }
        });
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.orCpu()));
    assertTrue(begun.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
    assertEquals(1, tried.size());
    assertEquals(1, warnings.size());
    never.countDown();
  }

  @Test
  void anInterruptIsNoAnswer() {
    CountDownLatch answer = new CountDownLatch(1);
    Activations activations = activations(provider -> answer.await(), LIMIT);
    Thread.currentThread().interrupt();
    assertEquals(
        "interrupted while CUDA device 0 was tried",
        assertThrows(OnnxFailure.class, () -> activations.activate(CUDA.orCpu())).getMessage());
    assertTrue(Thread.interrupted());
    answer.countDown();
    assertEquals(CUDA.orCpu(), activations.activate(CUDA.orCpu()));
    assertEquals(List.of(), warnings);
  }

  @Test
  void aDeviceThatFailedIsTriedAgainAfterAPause() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    Activations activations =
        activations(
            provider -> {
              if (tried.size() == 1) {
                throw new IllegalStateException("out of memory");
              }
            },
            LIMIT,
            nanos);
    assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.orCpu()));
    nanos.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
    assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.orCpu()));
    assertEquals(1, tried.size());
    nanos.incrementAndGet();
    assertEquals(CUDA.orCpu(), activations.activate(CUDA.orCpu()));
    nanos.addAndGet(Duration.ofDays(1).toNanos());
    assertEquals(CUDA, activations.activate(CUDA));
    assertEquals(2, tried.size());
  }

  @Test
  void anErrorInTheLibraryIsNoCrash() {
    Activations activations =
        activations(
            provider -> {
              throw new UnsatisfiedLinkError("no onnxruntime in java.library.path");
            },
            LIMIT);
    assertEquals(ExecutionProvider.cpu(), activations.activate(CUDA.orCpu()));
  }
}
