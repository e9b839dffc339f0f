package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import java.util.UUID;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A file system whose client throws unchecked exceptions. */
class BeamUncheckedStoreFilesTest extends StoreFilesContract {
  BeamUncheckedStoreFilesTest() {
    super(new BeamStoreFiles(), place());
  }

  private static String place() {
    return "unchecked://" + UUID.randomUUID() + "/store";
  }

  @BeforeAll
  static void register() {
    BeamStoreFilesProvider.useOptions(PipelineOptionsFactory.create());
  }

  @Test
  void aServerThatIsBusyIsAnOutage() throws IOException {
    String place = place();
    BeamStoreFiles files = new BeamStoreFiles();
    files.write(place + "/file", out -> out.write(new byte[9]));
    UncheckedFileSystem.busy(place, true);
    try (SeekableByteChannel channel = files.open(place + "/file")) {
      IOException e = assertThrows(IOException.class, () -> channel.read(ByteBuffer.allocate(9)));
      assertEquals("java.lang.IllegalStateException: 503 Slow Down", e.getMessage());
    }
    assertThrows(
        IOException.class, () -> files.write(place + "/file", out -> out.write(new byte[3])));
    StoreException e =
        assertThrows(StoreException.class, () -> ModelStore.at(place).checkWritable());
    assertEquals(StoreException.Reason.OUTAGE, e.reason());
    UncheckedFileSystem.busy(place, false);
    assertEquals(9, files.size(place + "/file").orElseThrow());
  }

  @Test
  void aNewStoreIsEmpty() {
    ModelStore store = ModelStore.at(place());
    assertEquals(store, store.checkWritable());
    assertEquals(Optional.empty(), store.alias("champion"));
  }

  @Test
  void aBugInWhatIsWrittenStaysOne() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new BeamStoreFiles()
                .write(
                    place() + "/file",
                    out -> {
                      throw new IllegalArgumentException("a bug");
                    }));
  }
}
