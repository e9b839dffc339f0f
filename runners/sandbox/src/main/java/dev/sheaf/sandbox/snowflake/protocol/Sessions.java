package dev.sheaf.sandbox.snowflake.protocol;

import dev.sheaf.sandbox.snowflake.engine.Session;
import dev.sheaf.sandbox.snowflake.engine.Warehouse;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The sessions that are open, by the tokens that their clients hold. */
final class Sessions {
  private final Warehouse warehouse;
  private final Clock clock;
  private final Duration tokenLife;
  private final SecureRandom random = new SecureRandom();
  private final AtomicLong numbers = new AtomicLong();
  private final Map<String, Held> tokens = new ConcurrentHashMap<>();
  private final Map<String, Held> masters = new ConcurrentHashMap<>();

  private record Held(Session session, Instant end) {}

  /** What a client gets at login or renewal. */
  record Tokens(Session session, String token, String master, long seconds) {}

  Sessions(Warehouse warehouse, Clock clock, Duration tokenLife) {
    this.warehouse = warehouse;
    this.clock = clock;
    this.tokenLife = tokenLife;
  }

  Tokens open(String user) {
    String id = Long.toString(1_000_000 + numbers.incrementAndGet());
    return issue(new Session(id, user, warehouse));
  }

  private Tokens issue(Session session) {
    String token = secret();
    String master = secret();
    Instant now = clock.instant();
    tokens.put(token, new Held(session, now.plus(tokenLife)));
    masters.put(master, new Held(session, now.plus(tokenLife.multipliedBy(4))));
    return new Tokens(session, token, master, tokenLife.toSeconds());
  }

  private String secret() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The session of a token. */
  Session find(@Nullable String token) {
    Held held = token == null ? null : tokens.get(token);
    if (held == null) {
      throw new SnowflakeException(
          390111, "08001", "Session no longer exists. New login required to access the service.");
    }
    if (!held.end().isAfter(clock.instant())) {
      throw new SnowflakeException(
          390112, "08001", "Your session has expired. Please login again.");
    }
    return held.session();
  }

  /** New tokens for a session whose token has expired. */
  Tokens renew(@Nullable String master) {
    Held held = master == null ? null : masters.remove(master);
    if (held == null || !held.end().isAfter(clock.instant())) {
      throw new SnowflakeException(
          390114, "08001", "Authentication token has expired. The user must authenticate again.");
    }
    tokens.values().removeIf(other -> other.session() == held.session());
    return issue(held.session());
  }

  void close(String token) {
    Held held = tokens.get(token);
    if (held != null) {
      tokens.values().removeIf(other -> other.session() == held.session());
      masters.values().removeIf(other -> other.session() == held.session());
      held.session().close();
    }
  }

  void closeAll() {
    for (Held held : Map.copyOf(masters).values()) {
      held.session().close();
    }
    for (Held held : Map.copyOf(tokens).values()) {
      held.session().close();
    }
    tokens.clear();
    masters.clear();
  }
}
