package dev.sheaf.transforms.files;

import dev.sheaf.models.store.StoreFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
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
    ReadableByteChannel channel;
    try {
      channel = FileSystems.open(resource(file));
    } catch (FileNotFoundException e) {
      throw missing(file, e);
    }
    return channel instanceof SeekableByteChannel seekable ? seekable : copied(file, channel);
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
          new java.io.BufferedOutputStream(
              Channels.newOutputStream(FileSystems.create(temporary, MimeTypes.BINARY)),
              BUFFER_BYTES)) {
        content.writeTo(out);
      }
      FileSystems.rename(List.of(temporary), List.of(target));
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
    MatchResult found = FileSystems.match(checked(file), EmptyMatchTreatment.DISALLOW);
    if (found.status() == MatchResult.Status.NOT_FOUND) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(found.metadata().get(0).sizeBytes());
  }

  @Override
  public List<String> foldersHolding(String folder, String name) throws IOException {
    String pattern = checked(folder) + "/*/" + name;
    MatchResult found = FileSystems.match(pattern, EmptyMatchTreatment.ALLOW);
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
    MatchResult found = FileSystems.match(checked(folder) + "/*", EmptyMatchTreatment.ALLOW);
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
    FileSystems.create(probe, MimeTypes.BINARY).close();
    FileSystems.delete(List.of(probe));
  }

  private static SeekableByteChannel copied(String file, ReadableByteChannel channel)
      throws IOException {
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
    } catch (FileNotFoundException e) {
      local.close();
      throw missing(file, e);
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
