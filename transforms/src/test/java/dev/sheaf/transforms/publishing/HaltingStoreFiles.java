package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.StoreFiles;
import dev.sheaf.models.store.StoreFilesProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Local files under {@code halting:/a/path} that stop for good at one step of their writes.
 *
 * <p>Each write has three steps: half of the bytes are out, all of them are but the file is not yet
 * in place, the file is in place. At the step whose number, over all writes, is {@value #HALT_AT},
 * its name goes to standard output and the thread waits to be killed.
 */
public final class HaltingStoreFiles implements StoreFiles, StoreFilesProvider {
  static final String SCHEME = "halting:";
  static final String HALT_AT = "sheaf.test.halt-at";
  static final String HALTED = "HALTED ";
  private static final AtomicInteger STEP = new AtomicInteger();
  private final StoreFiles files = StoreFiles.local();

  @Override
  public Optional<StoreFiles> forScheme(String scheme) {
    return SCHEME.equals(scheme + ":") ? Optional.of(this) : Optional.empty();
  }

  @Override
  public SeekableByteChannel open(String file) throws IOException {
    return files.open(local(file));
  }

  @Override
  public void write(String file, Content content) throws IOException {
    String name = file.substring(file.lastIndexOf('/') + 1);
    files.write(
        local(file),
        out -> {
          ByteArrayOutputStream whole = new ByteArrayOutputStream();
          content.writeTo(whole);
          byte[] bytes = whole.toByteArray();
          int half = bytes.length / 2;
          writeOut(out, bytes, 0, half);
          step("half", name);
          writeOut(out, bytes, half, bytes.length);
          step("whole", name);
        });
    step("placed", name);
  }

  private static void writeOut(OutputStream out, byte[] bytes, int from, int to)
      throws IOException {
    out.write(bytes, from, to - from);
    out.flush();
  }

  @Override
  public OptionalLong size(String file) throws IOException {
    return files.size(local(file));
  }

  @Override
  public List<String> foldersHolding(String folder, String name) throws IOException {
    return files.foldersHolding(local(folder), name);
  }

  @Override
  public List<String> filesIn(String folder) throws IOException {
    return files.filesIn(local(folder));
  }

  @Override
  public void checkWritable(String folder) throws IOException {
    files.checkWritable(local(folder));
  }

  private static String local(String location) {
    return location.substring(SCHEME.length());
  }

  private static void step(String step, String name) throws IOException {
    if (STEP.incrementAndGet() != Integer.getInteger(HALT_AT, 0)) {
      return;
    }
    System.out.println(HALTED + step + " " + name);
    try {
      if (!new CountDownLatch(1).await(2, TimeUnit.MINUTES)) {
        throw new IOException("nobody came to kill this process at " + step + " " + name);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted at " + step + " " + name, e);
    }
  }
}
