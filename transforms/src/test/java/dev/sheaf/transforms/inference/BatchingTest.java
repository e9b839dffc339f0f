package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class BatchingTest {
  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void wrongOptionsNameTheOptionTheValueAndTheValidOnes() {
    refused("upTo: a size of at least 1 is needed, found 0", () -> Batching.upTo(0));
    refused(
        "atLeast: a size from 1 to the maximum 8 is needed, found 9",
        () -> Batching.upTo(8).atLeast(9));
    refused(
        "adapting: an overhead above 0 and below 1 is needed, found 1.0",
        () -> Batching.upTo(8).adapting(1, Duration.ofSeconds(1)));
    refused(
        "adapting: a positive duration is needed, found PT0S",
        () -> Batching.upTo(8).adapting(0.1, Duration.ZERO));
    refused(
        "withMaximumWeight: a weight of at least 1 is needed, found 0",
        () -> Batching.upTo(8).withMaximumWeight(0));
    refused(
        "inLengthBuckets: ascending bounds from 0 are needed, found [3, 3]",
        () -> Batching.upTo(8).inLengthBuckets(3, 3));
    refused(
        "waitingAtMost: at least a millisecond is needed, found PT0.0000001S",
        () -> Batching.upTo(8).waitingAtMost(Duration.ofNanos(100)));
  }

  @Test
  void bucketsHaveInclusiveUpperBounds() {
    Batching batching = Batching.upTo(8).inLengthBuckets(2, 5);
    assertEquals(0, batching.bucketOf(2));
    assertEquals(1, batching.bucketOf(3));
    assertEquals(1, batching.bucketOf(5));
    assertEquals(2, batching.bucketOf(6));
  }
}
