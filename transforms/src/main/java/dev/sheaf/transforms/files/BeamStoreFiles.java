package dev.sheaf.transforms.files;

import dev.sheaf.models.store.StoreFiles;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.MimeTypes;

/**
 * Files of Beam's file systems.
 *
 * <p>A write goes to a hidden file beside its target and is then renamed, which on object stores is
 * a copy and a delete: their copies appear whole. A file system whose channels cannot seek has its
 * files copied to this machine's temporary folder while they are open.
 */
final class BeamStoreFiles implements StoreFiles {
  private static final Pattern GLOB = Pattern.compile("[*?\\[\\]{}\\\\]");
  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public SeekableByteChannel open(String file) throws IOException {
    ResourceId resource = resource(file);
    try {
      ReadableByteChannel channel = FileSystems.open(resource);
      return channel instanceof SeekableByteChannel seekable
          ? new StoreChannel(seekable)
          : copied(channel);
    } catch (FileNotFoundException e) {
      throw missing(file, e);
    } catch (RuntimeException e) {
      // Not every file system says that an object is missing with an exception of its own.
      throw size(file).isEmpty() ? missing(file, e) : new IOException(e.toString(), e);
    }
  }

  @Override
  public void write(String file, Content content) throws IOException {
    ResourceId target = resource(file);
    int name = file.lastIndexOf('/') + 1;
    ResourceId temporary =
        resource(
            file.substring(0, name)
                + "."
                + file.substring(name)
                + "."
                + UUID.randomUUID()
                + ".tmp");
    try {
      try (OutputStream out =
          new BufferedOutputStream(Channels.newOutputStream(create(temporary)), BUFFER_BYTES)) {
        content.writeTo(out);
      }
      FileCall.run(() -> FileSystems.rename(List.of(temporary), List.of(target)));
    } catch (IOException | RuntimeException e) {
      try {
        FileSystems.delete(List.of(temporary), StandardMoveOptions.IGNORE_MISSING_FILES);
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  @Override
  public OptionalLong size(String file) throws IOException {
    MatchResult found = match(file, "", EmptyMatchTreatment.DISALLOW);
    if (found.status() == MatchResult.Status.NOT_FOUND) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(found.metadata().get(0).sizeBytes());
  }

  @Override
  public List<String> foldersHolding(String folder, String name) throws IOException {
    MatchResult found = match(folder, "/*/" + name, EmptyMatchTreatment.ALLOW);
    List<String> names = new ArrayList<>();
    if (found.status() == MatchResult.Status.NOT_FOUND) {
      return names;
    }
    for (MatchResult.Metadata file : found.metadata()) {
      String path = file.resourceId().getCurrentDirectory().toString();
      String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      names.add(trimmed.substring(trimmed.lastIndexOf('/') + 1));
    }
    names.sort(null);
    return names;
  }

  @Override
  public List<String> filesIn(String folder) throws IOException {
    MatchResult found = match(folder, "/*", EmptyMatchTreatment.ALLOW);
    List<String> names = new ArrayList<>();
    if (found.status() == MatchResult.Status.NOT_FOUND) {
      return names;
    }
    for (MatchResult.Metadata file : found.metadata()) {
      String name = file.resourceId().getFilename();
      if (name != null && !name.startsWith(".") && !file.resourceId().isDirectory()) {
        names.add(name);
      }
    }
    names.sort(null);
    return names;
  }

  @Override
  public void checkWritable(String folder) throws IOException {
    ResourceId probe = resource(folder + "/.probe." + UUID.randomUUID() + ".tmp");
    create(probe).close();
    FileCall.run(() -> FileSystems.delete(List.of(probe)));
  }

  private static MatchResult match(String location, String pattern, EmptyMatchTreatment empty)
      throws IOException {
    String whole = checked(location) + pattern;
    return FileCall.of(() -> FileSystems.match(whole, empty));
  }

  private static WritableByteChannel create(ResourceId file) throws IOException {
    return new Target(FileCall.of(() -> FileSystems.create(file, MimeTypes.BINARY)));
  }

  /** A file that is written, and fails with nothing but IOExceptions. */
  private record Target(WritableByteChannel channel) implements WritableByteChannel {

    @Override
    public int write(ByteBuffer source) throws IOException {
      return FileCall.of(() -> channel.write(source));
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      FileCall.run(channel::close);
    }
  }

  private static SeekableByteChannel copied(ReadableByteChannel channel) throws IOException {
    Path copy = Files.createTempFile("sheaf-store-", ".part");
    FileChannel local =
        FileChannel.open(
            copy,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try (channel) {
      for (long at = 0, read; (read = local.transferFrom(channel, at, 1 << 20)) > 0; ) {
        at += read;
      }
      return local.position(0);
    } catch (IOException | RuntimeException e) {
      local.close();
      throw e;
    }
  }

  private static NoSuchFileException missing(String file, Exception cause) {
    NoSuchFileException missing = new NoSuchFileException(file);
    missing.initCause(cause);
    return missing;
  }

  private static ResourceId resource(String file) throws IOException {
    return FileSystems.matchNewResource(checked(file), false);
  }

  // Beam reads every location as a pattern; there is no way to quote one on all file systems.
  private static String checked(String location) throws IOException {
    if (GLOB.matcher(location).find()) {
      throw new IOException(
          "a location on a Beam file system may not have any of * ? [ ] { } \\: " + location);
    }
    return location;
  }
}
