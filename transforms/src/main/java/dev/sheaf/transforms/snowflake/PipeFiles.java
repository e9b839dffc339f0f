package dev.sheaf.transforms.snowflake;

import dev.sheaf.models.store.StoreFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a pipe's stage, each named by what it was called and what it holds.
 *
 * <p>SnowflakeIO names a file by the number of its pane. After a restart from a checkpoint a runner
 * fires a pane of the same number again, with other rows, and a pipe never loads a name twice: the
 * new rows would be lost. A name made of the old name and the content is the same for a file that
 * is written again as it was, and another one for everything else.
 */
final class PipeFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PipeFiles.class);
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{40})(?:-(\\d{1,9}))?\\.csv\\.gz");
  private static final int BUFFER = 1 << 16;

  private final String written;
  private final String pending;
  private final StoreFiles files;

  PipeFiles(PipeTarget target) {
    this.written = target.written();
    this.pending = target.pending();
    this.files = StoreFiles.at(pending);
  }

  private ResourceId file(String name) {
    return FileSystems.matchNewResource(pending + name, false);
  }

  /**
   * Moves files to those of the stage and gives their new names; one that is gone was moved by an
   * earlier attempt or by somebody else.
   */
  List<String> take(List<String> finished) throws IOException {
    List<String> names = new ArrayList<>();
    for (String each : finished) {
      ResourceId source = FileSystems.matchNewResource(each, false);
      Optional<String> name = name(source);
      if (name.isEmpty()) {
        LOG.info("{} is gone: an earlier attempt has taken it", each);
        continue;
      }
      move(source, file(name.get()));
      names.add(name.get());
    }
    return names;
  }

  /** Moves a file, unless somebody else has just moved it to the same place. */
  private static void move(ResourceId source, ResourceId target) throws IOException {
    try {
      FileSystems.rename(
          List.of(source),
          List.of(target),
          StandardMoveOptions.IGNORE_MISSING_FILES,
          StandardMoveOptions.SKIP_IF_DESTINATION_EXISTS);
    } catch (FileNotFoundException | NoSuchFileException e) {
      LOG.info("{} is gone: somebody else has taken it just now", source);
    }
  }

  private Optional<String> name(ResourceId source) throws IOException {
    try (InputStream in = Channels.newInputStream(files.open(source.toString()))) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.valueOf(source.getFilename()).getBytes(StandardCharsets.UTF_8));
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return Optional.of(HexFormat.of().formatHex(digest.digest(), 0, 20) + ".csv.gz");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * As {@link #take}, of all files that SnowflakeIO has finished and nobody has taken. A job that
   * goes on from a savepoint calls its files otherwise than the one before, and would look in vain
   * for those whose end that one did not come to tell.
   */
  List<String> takeLeft() throws IOException {
    List<String> left = new ArrayList<>();
    FileSystems.match(written + "*.csv.gz", EmptyMatchTreatment.ALLOW)
        .metadata()
        .forEach(file -> left.add(file.resourceId().toString()));
    return take(left);
  }

  /** The files that are here, with the time when they came, if the file system knows it. */
  Map<String, Instant> all(Instant otherwise) throws IOException {
    Map<String, Instant> all = new TreeMap<>();
    MatchResult found = FileSystems.match(pending + "*.csv.gz", EmptyMatchTreatment.ALLOW);
    for (MatchResult.Metadata file : found.metadata()) {
      long millis = file.lastModifiedMillis();
      all.put(
          String.valueOf(file.resourceId().getFilename()),
          millis > 0 ? Instant.ofEpochMilli(millis) : otherwise);
    }
    return all;
  }

  /** Removes a file whose rows are in the table; one that stays is looked at again some day. */
  void remove(String name) {
    try {
      FileSystems.delete(List.of(file(name)), StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is loaded, but cannot be deleted", pending + name, e);
    }
  }

  /** Gives a file that failed another name, as a pipe loads no name twice; gives its place. */
  String renew(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      return pending + name;
    }
    int attempt = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
    String next = parts.group(1) + "-" + (attempt + 1) + ".csv.gz";
    try {
      FileSystems.rename(List.of(file(name)), List.of(file(next)));
      return pending + next;
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} failed to load and cannot be renamed: the pipe will pass it over", name, e);
      return pending + name;
    }
  }
}
