package dev.sheaf.transforms.files;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystem;
import org.apache.beam.sdk.io.fs.CreateOptions;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MatchResult.Metadata;
import org.apache.beam.sdk.io.fs.MatchResult.Status;

/**
 * Objects in memory, as a bucket keeps them: no folders, no seeking, a rename is a copy and a
 * delete, and an object appears when its writer closes it.
 */
class MemoryFileSystem extends FileSystem<MemoryResource> {
  private static final Map<String, byte[]> OBJECTS = new ConcurrentSkipListMap<>();

  private final String scheme;

  MemoryFileSystem(String scheme) {
    this.scheme = scheme;
  }

  @Override
  protected List<MatchResult> match(List<String> specs) {
    List<MatchResult> results = new ArrayList<>();
    for (String spec : specs) {
      Pattern pattern = Pattern.compile(Pattern.quote(spec).replace("*", "\\E[^/]*\\Q"));
      List<Metadata> found = new ArrayList<>();
      OBJECTS.forEach(
          (name, bytes) -> {
            if (pattern.matcher(name).matches()) {
              found.add(
                  Metadata.builder()
                      .setResourceId(new MemoryResource(name))
                      .setSizeBytes(bytes.length)
                      .setIsReadSeekEfficient(false)
                      .build());
            }
          });
      results.add(
          found.isEmpty() && !spec.contains("*")
              ? MatchResult.create(Status.NOT_FOUND, new FileNotFoundException(spec))
              : MatchResult.create(Status.OK, found));
    }
    return results;
  }

  @Override
  protected WritableByteChannel create(MemoryResource resource, CreateOptions options) {
    return Channels.newChannel(
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            OBJECTS.put(resource.toString(), toByteArray());
          }
        });
  }

  @Override
  protected ReadableByteChannel open(MemoryResource resource) throws IOException {
    return Channels.newChannel(new ByteArrayInputStream(bytes(resource)));
  }

  @Override
  protected void copy(List<MemoryResource> from, List<MemoryResource> to) throws IOException {
    for (int i = 0; i < from.size(); i++) {
      OBJECTS.put(to.get(i).toString(), bytes(from.get(i)));
    }
  }

  @Override
  protected void rename(
      List<MemoryResource> from,
      List<MemoryResource> to,
      org.apache.beam.sdk.io.fs.MoveOptions... options)
      throws IOException {
    copy(from, to);
    delete(from);
  }

  @Override
  protected void delete(Collection<MemoryResource> resources) {
    resources.forEach(resource -> OBJECTS.remove(resource.toString()));
  }

  @Override
  protected MemoryResource matchNewResource(String name, boolean isDirectory) {
    return new MemoryResource(isDirectory && !name.endsWith("/") ? name + "/" : name);
  }

  @Override
  protected String getScheme() {
    return scheme;
  }

  static byte[] bytes(MemoryResource resource) throws IOException {
    byte[] bytes = OBJECTS.get(resource.toString());
    if (bytes == null) {
      throw new FileNotFoundException(resource.toString());
    }
    return bytes;
  }
}
