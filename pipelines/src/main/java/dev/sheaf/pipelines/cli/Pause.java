package dev.sheaf.pipelines.cli;

import java.time.Duration;

/** Lets time pass; an argument, so that tests need not wait. */
@FunctionalInterface
interface Pause {
  void pause(Duration time) throws InterruptedException;
}
