package dev.sheaf.models.store;

import static dev.sheaf.models.store.StoreFixtures.FIRST;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model out of 100,000 is one small read of the shard. */
class RangeReadTest {
  private static final int MODELS = 100_000;
  private static final int MODEL_BYTES = 2_000;
  private final Path folder;

  RangeReadTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void readsOneModelAndNothingElse() {
    ModelStore store = ModelStore.at(folder.toString());
    long start = System.nanoTime();
    ShardEntries shard = store.write(FIRST).writeShard(0, 1, models());
    long written = System.nanoTime();
    store.write(FIRST).commit(List.of(shard), List.of(), Map.of());
    long committed = System.nanoTime();

    Counting files = new Counting();
    ModelStore counted = ModelStore.over(folder.toString(), files);
    ModelVersion version = counted.version(FIRST);
    assertEquals(MODELS, version.index().size());
    long indexed = System.nanoTime();
    long indexBytes = files.read.getAndSet(0);

    byte[] onnx = version.load("key 54321");
    long loaded = System.nanoTime();
    assertArrayEquals(onnx(54_321), onnx);
    long modelBytes = files.read.getAndSet(0);
    assertEquals(MODEL_BYTES, modelBytes);

    for (int i = 0; i < 1000; i++) {
      version.load("key " + i * 97);
    }
    long thousand = System.nanoTime();
    System.out.printf(
        "%,d models of %,d bytes in one shard of %,d bytes: write %d ms, commit %d ms; index %d ms"
            + " and %,d bytes; first model %d us and %,d bytes; then %.1f us a model%n",
        MODELS,
        MODEL_BYTES,
        shard.fileBytes(),
        (written - start) / 1_000_000,
        (committed - written) / 1_000_000,
        (indexed - committed) / 1_000_000,
        indexBytes,
        (loaded - indexed) / 1_000,
        modelBytes,
        (thousand - loaded) / 1e6);
    assertTrue(indexBytes < shard.fileBytes() / 10, "index " + indexBytes);
  }

  private static List<CandidateModel> models() {
    return new AbstractList<>() {
      @Override
      public CandidateModel get(int i) {
        return CandidateModel.of(
            "key " + i, onnx(i), 1000 + i, Map.of("rmse", i * 1.1, "mae", i * 0.7, "r2", 0.5));
      }

      @Override
      public int size() {
        return MODELS;
      }
    };
  }

  private static byte[] onnx(int seed) {
    byte[] bytes = new byte[MODEL_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Counts the bytes that are read. */
  private static final class Counting implements StoreFiles {
    private final AtomicLong read = new AtomicLong();
    private final StoreFiles files = LocalStoreFiles.INSTANCE;

    @Override
    public SeekableByteChannel open(String file) throws IOException {
      SeekableByteChannel channel = files.open(file);
      return new CountingChannel(channel, read);
    }

    @Override
    public void write(String file, Content content) throws IOException {
      files.write(file, content);
    }

    @Override
    public OptionalLong size(String file) throws IOException {
      return files.size(file);
    }

    @Override
    public List<String> foldersHolding(String folder, String name) throws IOException {
      return files.foldersHolding(folder, name);
    }

    @Override
    public List<String> filesIn(String folder) throws IOException {
      return files.filesIn(folder);
    }

    @Override
    public void checkWritable(String folder) throws IOException {
      files.checkWritable(folder);
    }
  }

  private record CountingChannel(SeekableByteChannel channel, AtomicLong count)
      implements SeekableByteChannel {
    @Override
    public int read(ByteBuffer buffer) throws IOException {
      int bytes = channel.read(buffer);
      count.addAndGet(Math.max(bytes, 0));
      return bytes;
    }

    @Override
    public int write(ByteBuffer buffer) throws IOException {
      return channel.write(buffer);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
      return channel.truncate(size);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
