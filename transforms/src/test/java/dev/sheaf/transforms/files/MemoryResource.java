package dev.sheaf.transforms.files;

import org.apache.beam.sdk.io.fs.ResolveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/** The name of an object in memory. */
record MemoryResource(String name) implements ResourceId {

  @Override
  public ResourceId resolve(String other, ResolveOptions options) {
    String folder = isDirectory() ? name : name + "/";
    boolean directory = options.equals(StandardResolveOptions.RESOLVE_DIRECTORY);
    return new MemoryResource(folder + other + (directory ? "/" : ""));
  }

  @Override
  public ResourceId getCurrentDirectory() {
    return isDirectory() ? this : new MemoryResource(name.substring(0, name.lastIndexOf('/') + 1));
  }

  @Override
  public String getScheme() {
    return name.substring(0, name.indexOf(':'));
  }

  @Override
  public @Nullable String getFilename() {
    return isDirectory() ? null : name.substring(name.lastIndexOf('/') + 1);
  }

  @Override
  public boolean isDirectory() {
    return name.endsWith("/");
  }

  @Override
  public String toString() {
    return name;
  }
}
