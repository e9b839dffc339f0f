package dev.sheaf.sandbox.snowflake.protocol;

import dev.sheaf.sandbox.snowflake.engine.Request;
import dev.sheaf.sandbox.snowflake.engine.Session;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Statements that run or have run lately. A client that asks again for the same request gets the
 * same run, so that a repeated HTTP call does not insert twice.
 */
final class Jobs {
  private static final int KEPT = 200;
  private static final long CANCEL_STEP_MILLIS = 20;
  private static final Duration CANCEL_LIMIT = Duration.ofSeconds(30);

  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Map<String, Job> jobs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Job> eldest) {
          return size() > KEPT && eldest.getValue().result().isDone();
        }
      };

  /** Requests that were cancelled before they came: the driver sends both at the same time. */
  private final Map<String, String> cancelledEarly =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > KEPT;
        }
      };

  /** One run of a statement. */
  record Job(
      String queryId, Request request, Session session, CompletableFuture<QueryResult> result) {}

  Jobs(ExecutorService threads, ScheduledExecutorService timer) {
    this.threads = threads;
    this.timer = timer;
  }

  /** Starts the statement, or finds it where the request was made before. */
  Job start(Session session, Request request) {
    String id = session.id() + "/" + request.id();
    Job job;
    synchronized (jobs) {
      Job known = jobs.get(id);
      if (known != null) {
        return known;
      }
      job = new Job(UUID.randomUUID().toString(), request, session, new CompletableFuture<>());
      jobs.put(id, job);
      String cancelled = cancelledEarly.remove(id);
      if (cancelled != null) {
        job.result().completeExceptionally(SnowflakeException.cancelled(cancelled));
        return job;
      }
    }
    threads.execute(() -> run(job));
    limit(job);
    return job;
  }

  private static void run(Job job) {
    try {
      job.result().complete(job.session().run(job.request()));
    } catch (Throwable e) {
      job.result().completeExceptionally(e);
    }
  }

  /** Stops the statement when its session's time limit is over. */
  private void limit(Job job) {
    String text =
        job.request()
            .parameters()
            .getOrDefault(
                "STATEMENT_TIMEOUT_IN_SECONDS",
                job.session().parameters().getOrDefault("STATEMENT_TIMEOUT_IN_SECONDS", "0"));
    long seconds = text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
    if (seconds > 0) {
      var alarm =
          timer.schedule(
              () ->
                  threads.execute(
                      () ->
                          cancel(
                              job,
                              "Statement reached its statement or warehouse timeout of "
                                  + seconds
                                  + " second(s) and was canceled.")),
              seconds,
              TimeUnit.SECONDS);
      job.result().handle((result, error) -> alarm.cancel(false)).isDone();
    }
  }

  @Nullable Job byQuery(String queryId) {
    synchronized (jobs) {
      return jobs.values().stream()
          .filter(job -> job.queryId().equals(queryId))
          .findFirst()
          .orElse(null);
    }
  }

  /** Stops the statement of a session's request, now or as soon as it comes. */
  void cancel(Session session, String requestId, String why) {
    String id = session.id() + "/" + requestId;
    Job job;
    synchronized (jobs) {
      job = jobs.get(id);
      if (job == null) {
        cancelledEarly.put(id, why);
      }
    }
    if (job != null) {
      cancel(job, why);
    }
  }

  /** Asks again until the statement has ended: it may have been about to start. */
  private static void cancel(Job job, String why) {
    long end = System.nanoTime() + CANCEL_LIMIT.toNanos();
    while (!job.result().isDone() && System.nanoTime() < end) {
      job.session().cancel(job.request().id(), why);
      await(job, Duration.ofMillis(CANCEL_STEP_MILLIS));
    }
  }

  /** Waits for the end; false where it has not come in that time. */
  static boolean await(Job job, Duration limit) {
    try {
      job.result().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      return true;
    }
  }

  /** The result of a statement that has ended. */
  static QueryResult result(Job job) {
    try {
      return job.result().join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof SnowflakeException known) {
        throw known;
      }
      throw new SnowflakeException(
          603, "XX000", "SQL execution internal error: " + e.getCause(), e);
    }
  }
}
