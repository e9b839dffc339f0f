package dev.sheaf.models.onnx;

import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** The file of a model, and the files of weights beside it, on any file system. */
final class ModelFile {
  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

  private final String location;
  private final Optional<Path> local;
  private final StoreFiles files;

  private ModelFile(String location, Optional<Path> local, StoreFiles files) {
    this.location = location;
    this.local = local;
    this.files = files;
  }

  static ModelFile at(String location) {
    Optional<Path> local = local(location);
    return local.isPresent()
        ? new ModelFile(local.get().toString(), local, StoreFiles.local())
        : new ModelFile(location, local, StoreFiles.at(location));
  }

  private static Optional<Path> local(String location) {
    if (!SCHEME.matcher(location).matches()) {
      return Optional.of(Path.of(location).toAbsolutePath().normalize());
    }
    if (location.toLowerCase(Locale.ROOT).startsWith("file:")) {
      return Optional.of(Path.of(URI.create(location)).toAbsolutePath().normalize());
    }
    return Optional.empty();
  }

  /** The bytes of the file, if they are no more than the limit. */
  byte[] read(long maximumBytes) {
    try {
      OptionalLong size = files.size(location);
      if (size.isEmpty()) {
        throw new OnnxFailure("cannot load the model " + location + ": there is no such file");
      }
      if (size.getAsLong() > maximumBytes) {
        throw new OnnxFailure(
            "cannot load the model "
                + location
                + ": it has "
                + size.getAsLong()
                + " bytes, and the limit is "
                + maximumBytes);
      }
      byte[] bytes = new byte[(int) size.getAsLong()];
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      try (SeekableByteChannel channel = files.open(location)) {
        while (rest.hasRemaining() && channel.read(rest) >= 0) {}
      }
      if (rest.hasRemaining()) {
        throw new OnnxFailure(
            "cannot load the model "
                + location
                + ": it ended after "
                + rest.position()
                + " of "
                + bytes.length
                + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new OnnxFailure("cannot read the model " + location + ": " + e, e);
    }
  }

  /**
   * A folder of this machine with the files of weights: the model's own, or a copy.
   *
   * @throws OnnxFailure if one is missing, too short, or in truth elsewhere, or if all are too
   *     large
   */
  WeightsFolder weights(ExternalData data, long maximumBytes) {
    try {
      checkSizes(data, maximumBytes);
      if (local.isEmpty()) {
        return copy(data);
      }
      Path folder = local.get().resolveSibling("").toRealPath();
      for (String name : data.ends().keySet()) {
        if (!folder.resolve(name).toRealPath().startsWith(folder)) {
          throw new OnnxFailure(
              "cannot load external data of "
                  + location
                  + ": \""
                  + name
                  + "\" is a link out of the model's folder");
        }
      }
      return WeightsFolder.existing(folder);
    } catch (IOException e) {
      throw new OnnxFailure("cannot load external data of " + location + ": " + e, e);
    }
  }

  private void checkSizes(ExternalData data, long maximumBytes) throws IOException {
    long total = 0;
    for (Map.Entry<String, Long> entry : data.ends().entrySet()) {
      OptionalLong size = files.size(sibling(entry.getKey()));
      if (size.isEmpty()) {
        throw new OnnxFailure(
            "cannot load external data of "
                + location
                + ": there is no file \""
                + entry.getKey()
                + "\" beside it");
      }
      if (size.getAsLong() < entry.getValue()) {
        throw new OnnxFailure(
            "cannot load external data of "
                + location
                + ": \""
                + entry.getKey()
                + "\" has "
                + size.getAsLong()
                + " bytes, and the model reads "
                + entry.getValue());
      }
      total += size.getAsLong();
      if (total > maximumBytes) {
        throw new OnnxFailure(
            "cannot load external data of "
                + location
                + ": it has "
                + total
                + " bytes or more, and the limit is "
                + maximumBytes);
      }
    }
  }

  private WeightsFolder copy(ExternalData data) throws IOException {
    WeightsFolder folder = WeightsFolder.ofCopies();
    try {
      for (String name : data.ends().keySet()) {
        Path target = folder.path().resolve(name);
        Files.createDirectories(target.resolveSibling(""));
        try (InputStream in = Channels.newInputStream(files.open(sibling(name)))) {
          Files.copy(in, target);
        }
      }
      return folder;
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private String sibling(String name) {
    return location.substring(0, location.lastIndexOf('/') + 1) + name;
  }
}
