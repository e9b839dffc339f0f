package dev.sheaf.transforms.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A file of Beam's file systems, open for reading, that fails with nothing but IOExceptions. */
final class StoreChannel implements SeekableByteChannel {
  private static final int MOST_EMPTY_READS = 100;

  private final SeekableByteChannel channel;
  private int emptyReads;

  StoreChannel(SeekableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int read = FileCall.of(() -> channel.read(target));
    emptyReads = read == 0 && target.hasRemaining() ? emptyReads + 1 : 0;
    if (emptyReads > MOST_EMPTY_READS) {
      // Beam's channel for S3 never comes to the end of an object that has become shorter.
      throw new IOException("it gives nothing more before its end: it may have been replaced");
    }
    return read;
  }

  @Override
  public long position() throws IOException {
    return FileCall.of(channel::position);
  }

  @Override
  public SeekableByteChannel position(long position) throws IOException {
    FileCall.of(() -> channel.position(position));
    return this;
  }

  @Override
  public long size() throws IOException {
    return FileCall.of(channel::size);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    FileCall.run(channel::close);
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }
}
