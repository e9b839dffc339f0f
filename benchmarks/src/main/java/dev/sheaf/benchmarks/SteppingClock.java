package dev.sheaf.benchmarks;

import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that goes on only when told; all in a JVM show the same time, copies too. */
final class SteppingClock extends Clock implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final AtomicLong MILLIS = new AtomicLong();

  static void step(Duration by) {
    MILLIS.addAndGet(by.toMillis());
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(MILLIS.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
