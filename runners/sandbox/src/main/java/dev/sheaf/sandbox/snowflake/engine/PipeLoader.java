package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the files that pipes were given, one after the other, in the background. */
public final class PipeLoader implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PipeLoader.class);
  private static final int ATTEMPTS = 20;
  private static final long LONGEST_WAIT_MILLIS = 1000;

  private final Warehouse warehouse;
  private final PipeQueue queue;
  private final Duration delay;
  private volatile boolean closed;

  /**
   * A loader.
   *
   * @param delay how long each file waits before it is loaded
   */
  public PipeLoader(Warehouse warehouse, PipeQueue queue, Duration delay) {
    this.warehouse = warehouse;
    this.queue = queue;
    this.delay = delay;
  }

  @Override
  public void run() {
    try (Session session = new Session("pipes", "SYSTEM", warehouse)) {
      while (!closed) {
        long waitMillis = LONGEST_WAIT_MILLIS;
        for (PipeQueue.Waiting file : queue.waiting(session)) {
          long due = Duration.between(queue.now(), file.received().plus(delay)).toMillis();
          if (due > 0) {
            waitMillis = Math.min(waitMillis, due);
            break;
          }
          if (closed) {
            return;
          }
          load(session, file);
        }
        warehouse.awaitPipeChange(waitMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException e) {
      if (!closed) {
        LOG.error("pipes load nothing any more", e);
      }
    }
  }

  /** The rows and what became of the file are committed together. */
  private void load(Session session, PipeQueue.Waiting file) throws SQLException {
    session.use(file.pipe().database(), file.pipe().schema());
    Request request =
        new Request(UUID.randomUUID().toString(), file.definition(), false, List.of(), Map.of());
    Context context = new Context(session, request, new Running());
    for (int attempt = 1; ; attempt++) {
      try {
        session.transactions().begin();
        queue.ended(context, file, loaded(context, file));
        session.transactions().commit();
        return;
      } catch (SQLException e) {
        session.transactions().abandon();
        if (attempt == ATTEMPTS || !ErrorTranslation.isConflict(e)) {
          failed(session, context, file, ErrorTranslation.of(e));
          return;
        }
      } catch (SnowflakeException e) {
        session.transactions().abandon();
        failed(session, context, file, e);
        return;
      }
    }
  }

  private void failed(
      Session session, Context context, PipeQueue.Waiting file, SnowflakeException why)
      throws SQLException {
    LOG.info("the pipe {} could not load {}", file.pipe(), file.path(), why);
    session
        .transactions()
        .write(
            null,
            context.running(),
            () -> {
              queue.ended(context, file, outcome(file, "", 0, null, why.getMessage()));
              return 0L;
            });
  }

  private PipeFile loaded(Context context, PipeQueue.Waiting file) throws SQLException {
    Statement definition = Statement.of(file.definition());
    boolean choice = definition.find(0, "ON_ERROR") >= 0;
    Statement copy =
        Statement.of(
            file.definition()
                + "\n FILES = ("
                + Token.string(file.path())
                + ")"
                + (choice ? "" : " ON_ERROR = SKIP_FILE"));
    Load.Plan plan = Load.plan(context, Load.source(context, copy));
    List<@Nullable String> row = Load.rows(context, plan).get(0);
    Path path = plan.files().get(0);
    String folder = path.toString();
    String location = folder.substring(0, folder.length() - file.path().length());
    return outcome(file, location, size(path), row, null);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /** What a row of COPY's own report says. */
  private PipeFile outcome(
      PipeQueue.Waiting file,
      String location,
      long size,
      @Nullable List<@Nullable String> row,
      @Nullable String systemError)
      throws SQLException {
    String line = row == null ? null : row.get(7);
    return new PipeFile(
        queue.nextMark(),
        file.path(),
        row == null ? "LOAD_FAILED" : Objects.toString(row.get(1), ""),
        location,
        size,
        file.received(),
        queue.now(),
        number(row, 2),
        number(row, 3),
        row == null ? 1 : number(row, 5),
        row == null ? null : row.get(6),
        line == null ? null : Long.valueOf(line),
        row == null ? null : row.get(9),
        systemError);
  }

  private static long number(@Nullable List<@Nullable String> row, int column) {
    String text = row == null ? null : row.get(column);
    return text == null ? 0 : Long.parseLong(text);
  }

  /** Lets the file that is being loaded end, and loads no more. */
  @Override
  public void close() {
    closed = true;
    warehouse.pipeChanged();
  }
}
