package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StoreFiles} must do; each implementation has a test class that extends this.
 */
abstract class StoreFilesContract {
  private final StoreFiles files;
  private final String root;

  StoreFilesContract(StoreFiles files, String root) {
    this.files = files;
    this.root = root;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    byte[] bytes = new byte[3_000_000];
    new Random(5).nextBytes(bytes);
    files.write(root + "/a/b/file.bin", out -> out.write(bytes));
    assertArrayEquals(bytes, read("a/b/file.bin"));
    assertEquals(OptionalLong.of(3_000_000), files.size(root + "/a/b/file.bin"));
    try (SeekableByteChannel channel = files.open(root + "/a/b/file.bin")) {
      assertEquals(3_000_000, channel.size());
      for (int at : new int[] {2_999_999, 0, 1_234_567}) {
        ByteBuffer one = ByteBuffer.allocate(1);
        assertEquals(1, channel.position(at).read(one));
        assertEquals(bytes[at], one.get(0));
      }
    }
  }

  @Test
  void anEmptyFileIsAFile() throws IOException {
    files.write(root + "/empty", out -> {});
    assertEquals(OptionalLong.of(0), files.size(root + "/empty"));
    assertEquals(0, read("empty").length);
  }

  @Test
  void aMissingFileIsMissing() throws IOException {
    assertThrows(NoSuchFileException.class, () -> read("no/such/file"));
    assertEquals(OptionalLong.empty(), files.size(root + "/no/such/file"));
  }

  @Test
  void aWriteReplaces() throws IOException {
    write("f", "a long first text");
    write("f", "second");
    assertEquals("second", new String(read("f"), StandardCharsets.UTF_8));
    assertEquals(OptionalLong.of(6), files.size(root + "/f"));
  }

  @Test
  void aWriteThatFailsChangesNothing() throws IOException {
    write("f", "before");
    for (String name : List.of("f", "g")) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  files.write(
                      root + "/" + name,
                      out -> {
                        out.write(new byte[200_000]);
                        throw new IOException("half way");
                      }));
      assertEquals("half way", e.getMessage());
    }
    assertEquals("before", new String(read("f"), StandardCharsets.UTF_8));
    assertEquals(OptionalLong.empty(), files.size(root + "/g"));
  }

  @Test
  void findsFoldersByWhatTheyHold() throws IOException {
    assertEquals(List.of(), files.foldersHolding(root + "/versions", "m.json"));
    write("versions/b/m.json", "{}");
    write("versions/a-1.2/m.json", "{}");
    write("versions/half/other.json", "{}");
    write("versions/deep/er/m.json", "{}");
    write("versions/m.json", "{}");
    assertEquals(List.of("a-1.2", "b"), files.foldersHolding(root + "/versions", "m.json"));
  }

  @Test
  void listsTheFilesOfAFolder() throws IOException {
    assertEquals(List.of(), files.filesIn(root + "/parts"));
    write("parts/b.zip", "b");
    write("parts/a%20.zip", "a");
    write("parts/.c.zip.tmp", "half");
    write("parts/deeper/d.zip", "d");
    write("e.zip", "e");
    assertEquals(List.of("a%20.zip", "b.zip"), files.filesIn(root + "/parts"));
  }

  @Test
  void provesThatItCanWriteAndLeavesNothing() throws IOException {
    files.checkWritable(root + "/new/folder");
    assertEquals(List.of(), files.filesIn(root + "/new/folder"));
    write("new/folder/f", "x");
    assertEquals("x", new String(read("new/folder/f"), StandardCharsets.UTF_8));
  }

  @Test
  void readersSeeWholeFilesWhileWritersReplaceThem() throws Exception {
    write("shared", text(0));
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> work = new ArrayList<>();
      for (int writer = 0; writer < 2; writer++) {
        int first = 1 + writer;
        work.add(
            pool.submit(
                () -> {
                  for (int i = first; i < 60; i += 2) {
                    write("shared", text(i));
                  }
                  return 0;
                }));
      }
      Callable<Integer> reader =
          () -> {
            int seen = 0;
            for (int i = 0; i < 200; i++) {
              String found =
                  new String(files.read(root + "/shared", 1 << 20), StandardCharsets.UTF_8);
              int number = Integer.parseInt(found.substring(0, found.indexOf(' ')));
              assertEquals(text(number), found);
              seen = Math.max(seen, number);
            }
            return seen;
          };
      work.add(pool.submit(reader));
      work.add(pool.submit(reader));
      for (Future<Integer> each : work) {
        each.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static String text(int number) {
    return (number + " ").repeat(20_000);
  }

  private void write(String name, String text) throws IOException {
    files.write(root + "/" + name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private byte[] read(String name) throws IOException {
    try (InputStream in = Channels.newInputStream(files.open(root + "/" + name))) {
      return in.readAllBytes();
    }
  }
}
