package dev.sheaf.transforms.snowflake;

import dev.sheaf.transforms.snowflake.SnowflakeException.Kind;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands files to a pipe and sees to it that they are loaded.
 *
 * <p>A file is in the stage's folder from before it is handed over until the service has reported
 * it as loaded. What an earlier run left there, or had finished and not brought there, is handed
 * over by the first call, whatever ended that run; the pipe passes over what it has loaded. A load
 * that fails, or is not reported in time, is logged when it is known and thrown by the next call;
 * its file stays, under a name that the pipe does not know, for the run after.
 *
 * <p>One outbox serves all threads of a JVM. While files are on their way a thread asks for reports
 * and deletes what is loaded; it ends with the last file.
 */
final class PipeOutbox {
  private static final Logger LOG = LoggerFactory.getLogger(PipeOutbox.class);

  /** One for each pipe; kept for the JVM's life, as SnowflakeIO keeps its data sources. */
  private static final Map<PipeTarget, PipeOutbox> OUTBOXES = new ConcurrentHashMap<>();

  private static final Duration MARGIN = Duration.ofMinutes(1);

  /** The most files in one request. */
  private static final int FILES_PER_REQUEST = 1000;

  private final PipeTarget target;
  private final PipeClient client;
  private final PipeFiles files;
  private final Clock clock;
  private final Pace pace;
  private final ReentrantLock turn = new ReentrantLock();
  private final Map<String, Sent> sent = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable SnowflakeException> failure = new AtomicReference<>();

  /** Whether all files that are pending were handed over. */
  private boolean ready;

  private boolean polling;

  /**
   * A file on its way.
   *
   * @param since when it was handed over by this run, at the latest
   * @param first when the pipe may first have got it
   */
  private record Sent(Instant since, Instant first) {
    Sent at(Instant handedOver) {
      return new Sent(handedOver, first);
    }
  }

  /**
   * How long things take.
   *
   * @param poll between two reports
   * @param historyAfter from when on the history is asked for a file that reports do not tell of
   * @param firstPause before a request that failed is tried again, twice as long each time
   * @param longestPause the longest of these
   */
  record Pace(Duration poll, Duration historyAfter, Duration firstPause, Duration longestPause) {
    static final Pace USUAL =
        new Pace(
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            Duration.ofMillis(500),
            Duration.ofSeconds(30));
  }

  PipeOutbox(PipeTarget target, Clock clock, Pace pace) {
    this.target = target;
    this.client =
        new PipeClient(
            target.connection(), target.pipeName(), target.connection().loginTimeout(), clock);
    this.files = new PipeFiles(target);
    this.clock = clock;
    this.pace = pace;
  }

  static PipeOutbox of(PipeTarget target) {
    return OUTBOXES.computeIfAbsent(
        target, key -> new PipeOutbox(key, Clock.systemUTC(), Pace.USUAL));
  }

  /**
   * Takes charge of files that SnowflakeIO has written.
   *
   * @throws SnowflakeException if the service refuses or is not there within the limit, or if an
   *     earlier load has failed
   */
  void submit(List<String> written) throws IOException, InterruptedException {
    Instant end = clock.instant().plus(target.limit());
    if (!turn.tryLock(target.limit().toMillis(), TimeUnit.MILLISECONDS)) {
      throw new SnowflakeException(
          Kind.UNREACHABLE,
          "Cannot load through pipe "
              + target.pipe()
              + ": other threads have waited for the service for "
              + target.limit(),
          null);
    }
    try {
      Map<String, Instant> names = new TreeMap<>();
      // First of all: from now on the rows are safe, whatever fails.
      List<String> taken = files.take(written);
      taken.forEach(name -> names.put(name, clock.instant()));
      throwFailure();
      // Whoever has moved a file may have ended before the service knew of it.
      ready &= taken.size() == written.size();
      if (!ready) {
        patiently(end, target::prepare);
        files.takeLeft();
        names.putAll(files.all(clock.instant().minus(target.limit())));
        if (names.size() > written.size()) {
          LOG.info("handing over {} files, also those that an earlier run left", names.size());
        }
      }
      ready = false;
      hand(end, names);
      ready = true;
    } finally {
      turn.unlock();
    }
  }

  private void hand(Instant end, Map<String, Instant> names) throws InterruptedException {
    List<String> all = new ArrayList<>(names.keySet());
    for (int from = 0; from < all.size(); from += FILES_PER_REQUEST) {
      List<String> some = all.subList(from, Math.min(all.size(), from + FILES_PER_REQUEST));
      Map<String, Sent> handing = new TreeMap<>();
      some.forEach(name -> handing.put(name, new Sent(end, names.getOrDefault(name, end))));
      // Before the request: the service may load a file and tell of it before it has answered.
      handing.forEach(sent::putIfAbsent);
      try {
        patiently(end, () -> client.insert(some));
      } catch (InterruptedException | RuntimeException e) {
        handing.forEach(sent::remove);
        throw e;
      }
      Instant now = clock.instant();
      some.forEach(name -> sent.computeIfPresent(name, (same, file) -> file.at(now)));
    }
    poll();
  }

  private void throwFailure() {
    SnowflakeException failed = failure.getAndSet(null);
    if (failed != null) {
      ready = false;
      throw failed;
    }
  }

  private interface Request {
    void run() throws InterruptedException;
  }

  /** Repeats a request that fails for a reason that may pass, up to a time. */
  private void patiently(Instant end, Request request) throws InterruptedException {
    Duration pause = pace.firstPause();
    while (true) {
      try {
        request.run();
        return;
      } catch (SnowflakeException e) {
        Instant again = clock.instant().plus(pause);
        if (e.kind() != Kind.UNREACHABLE || again.isAfter(end)) {
          throw e;
        }
        LOG.warn("trying again in {}: {}", pause, e.getMessage());
        Thread.sleep(pause.toMillis());
        pause = longer(pause);
      }
    }
  }

  private Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(pace.longestPause()) < 0 ? twice : pace.longestPause();
  }

  /** Has a thread ask for reports while there are files on their way. */
  private void poll() {
    synchronized (sent) {
      if (polling || sent.isEmpty()) {
        return;
      }
      polling = true;
    }
    Thread thread = new Thread(this::watch, "sheaf-pipe-" + target.pipe());
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (RuntimeException | Error e) {
      stopped();
      throw e;
    }
  }

  private void stopped() {
    synchronized (sent) {
      polling = false;
    }
  }

  private boolean isOver() {
    synchronized (sent) {
      polling = !sent.isEmpty();
      return !polling;
    }
  }

  private void watch() {
    String mark = "";
    Instant history = clock.instant();
    Duration pause = pace.poll();
    try {
      while (!isOver()) {
        Thread.sleep(pause.toMillis());
        try {
          PipeReport report = client.report(mark);
          mark = report.nextMark();
          report.files().forEach(this::ended);
          Instant now = clock.instant();
          if (!now.isBefore(history.plus(pace.historyAfter()))) {
            history = now;
            oldest().ifPresent(this::lookBack);
          }
          pause = pace.poll();
        } catch (SnowflakeException e) {
          LOG.warn("no report of pipe {}: {}", target.pipe(), e.getMessage());
          pause = longer(pause);
        }
        giveUp();
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      stopped();
      fail(new SnowflakeException(Kind.STATEMENT, "Cannot watch pipe " + target.pipe(), e));
    }
  }

  private Optional<Instant> oldest() {
    return sent.values().stream().map(Sent::first).min(Comparator.naturalOrder());
  }

  /** Asks for what reports have forgotten. */
  private void lookBack(Instant oldest) {
    try {
      client.history(oldest.minus(MARGIN)).files().forEach(this::ended);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ended(PipeReport.File file) {
    if (!file.complete() || sent.remove(file.path()) == null) {
      return;
    }
    if (file.loaded()) {
      files.remove(file.path());
    } else {
      failed(file.path(), file.problem());
    }
  }

  /** Gives up files that nobody has reported in time. */
  private void giveUp() {
    Instant now = clock.instant();
    sent.forEach(
        (name, file) -> {
          if (now.isAfter(file.since().plus(target.limit())) && sent.remove(name) != null) {
            failed(name, "not reported as loaded within " + target.limit());
          }
        });
  }

  private void failed(String name, String problem) {
    String place = files.renew(name);
    fail(
        new SnowflakeException(
            Kind.STATEMENT,
            String.format(
                "Cannot load a file into table %s through pipe %s: %s. The file is kept as %s and"
                    + " is loaded when the pipeline starts again.",
                target.load().table(), target.pipe(), problem, place),
            null));
  }

  private void fail(SnowflakeException e) {
    failure.compareAndSet(null, e);
    LOG.error("{}", e.getMessage(), e);
  }
}
