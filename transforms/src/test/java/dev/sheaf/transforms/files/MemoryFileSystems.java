package dev.sheaf.transforms.files;

import java.util.List;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.FileSystemRegistrar;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/** Brings the schemes {@code memory} and {@code unchecked} to Beam, in tests. */
public final class MemoryFileSystems implements FileSystemRegistrar {

  @Override
  public Iterable<FileSystem<?>> fromOptions(@Nullable PipelineOptions options) {
    return List.of(new MemoryFileSystem("memory"), new UncheckedFileSystem("unchecked"));
  }
}
