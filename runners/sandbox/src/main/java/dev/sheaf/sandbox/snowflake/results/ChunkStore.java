package dev.sheaf.sandbox.snowflake.results;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the chunks of big results on disk until their session ends or newer ones need the room. A
 * chunk is found by a random path that nobody can guess.
 */
public final class ChunkStore implements AutoCloseable {
  private final Path folder;
  private final long byteLimit;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Stored> stored = new LinkedHashMap<>();
  private long bytes;

  private record Stored(String owner, Path file, long size) {}

  /**
   * @param folder where the chunks lie; deleted by {@link #close}
   * @param byteLimit the most that they may take; the oldest go first
   */
  public ChunkStore(Path folder, long byteLimit) {
    this.folder = folder;
    this.byteLimit = byteLimit;
  }

  QueryResult.Chunk add(String owner, ByteArrayOutputStream rows, long count) throws IOException {
    byte[] name = new byte[24];
    random.nextBytes(name);
    String key = HexFormat.of().formatHex(name);
    Path file = folder.resolve(key + ".gz");
    try (OutputStream out = new FastGzip(Files.newOutputStream(file))) {
      rows.writeTo(out);
    }
    long size = Files.size(file);
    synchronized (stored) {
      stored.put(key, new Stored(owner, file, size));
      bytes += size;
      Deque<String> oldest = new ArrayDeque<>(stored.keySet());
      while (bytes > byteLimit && oldest.size() > 1) {
        remove(oldest.removeFirst());
      }
    }
    return new QueryResult.Chunk("/results/" + key, count, rows.size(), size);
  }

  /** The file of a chunk, or null where there is none of that key. */
  public @Nullable Path find(String key) {
    synchronized (stored) {
      Stored found = stored.get(key);
      return found == null ? null : found.file();
    }
  }

  /** Drops the chunks of a session that has ended. */
  public void forget(String owner) {
    synchronized (stored) {
      for (Map.Entry<String, Stored> entry : Map.copyOf(stored).entrySet()) {
        if (entry.getValue().owner().equals(owner)) {
          remove(entry.getKey());
        }
      }
    }
  }

  private void remove(String key) {
    Stored gone = stored.remove(key);
    if (gone != null) {
      bytes -= gone.size();
      gone.file().toFile().delete();
    }
  }

  @Override
  public void close() {
    synchronized (stored) {
      for (String key : Map.copyOf(stored).keySet()) {
        remove(key);
      }
    }
    folder.toFile().delete();
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(1);
    }
  }
}
