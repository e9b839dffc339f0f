package dev.sheaf.models.onnx;

import dev.sheaf.models.store.StoreFiles;
import dev.sheaf.models.store.StoreFilesProvider;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Files at locations that begin with {@code memory:}, which are not this machine's. */
public final class MemoryStoreFiles implements StoreFilesProvider, StoreFiles {
  private static final Map<String, byte[]> FILES = new ConcurrentHashMap<>();

  static void put(String file, byte[] content) {
    FILES.put(file, content);
  }

  @Override
  public Optional<StoreFiles> forScheme(String scheme) {
    return scheme.equals("memory") ? Optional.of(this) : Optional.empty();
  }

  @Override
  public SeekableByteChannel open(String file) throws IOException {
    Path copy = Files.createTempFile("memory", ".bin");
    Files.write(copy, FILES.getOrDefault(file, new byte[0]));
    return Files.newByteChannel(copy, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
  }

  @Override
  public OptionalLong size(String file) {
    byte[] content = FILES.get(file);
    return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
  }

  @Override
  public void write(String file, Content content) {
    throw new UnsupportedOperationException("these files are read alone");
  }

  @Override
  public List<String> foldersHolding(String folder, String name) {
    throw new UnsupportedOperationException("folders are not listed");
  }

  @Override
  public List<String> filesIn(String folder) {
    throw new UnsupportedOperationException("folders are not listed");
  }

  @Override
  public void checkWritable(String folder) {
    throw new UnsupportedOperationException("these files are read alone");
  }
}
