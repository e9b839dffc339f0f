package dev.sheaf.transforms.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.beam.sdk.io.fs.CreateOptions;

/**
 * Objects in memory behind a client as S3's is in Beam: its channels can seek, and a missing object
 * and a server that is busy are unchecked exceptions.
 */
final class UncheckedFileSystem extends MemoryFileSystem {
  private static final Map<String, Boolean> BUSY = new ConcurrentHashMap<>();

  UncheckedFileSystem(String scheme) {
    super(scheme);
  }

  /** From now on nothing under a location is read or written, or all of it is again. */
  static void busy(String location, boolean busy) {
    BUSY.put(location, busy);
  }

  private static void call(MemoryResource resource) {
    BUSY.forEach(
        (location, busy) -> {
          if (busy && resource.toString().startsWith(location)) {
            throw new IllegalStateException("503 Slow Down");
          }
        });
  }

  @Override
  protected ReadableByteChannel open(MemoryResource resource) throws IOException {
    Path copy = Files.createTempFile("sheaf-test-", ".object");
    FileChannel local =
        FileChannel.open(
            copy,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try {
      local.write(ByteBuffer.wrap(bytes(resource)));
    } catch (FileNotFoundException e) {
      local.close();
      throw new IllegalStateException("404 Not Found", e);
    }
    return new Reading(resource, local.position(0));
  }

  @Override
  protected WritableByteChannel create(MemoryResource resource, CreateOptions options) {
    WritableByteChannel whole = super.create(resource, options);
    return Channels.newChannel(
        new java.io.OutputStream() {
          @Override
          public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            whole.write(ByteBuffer.wrap(bytes, from, count));
          }

          @Override
          public void close() throws IOException {
            call(resource);
            whole.close();
          }
        });
  }

  private record Reading(MemoryResource resource, SeekableByteChannel channel)
      implements SeekableByteChannel {

    @Override
    public int read(ByteBuffer target) throws IOException {
      call(resource);
      return channel.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      return channel.write(source);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      return channel.position(position);
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
