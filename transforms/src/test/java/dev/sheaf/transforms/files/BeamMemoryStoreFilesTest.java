package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BeamMemoryStoreFilesTest extends StoreFilesContract {
  BeamMemoryStoreFilesTest() {
    super(new BeamStoreFiles(), "memory://" + UUID.randomUUID() + "/store");
  }

  /** Beam knows local files alone until it has options; a pipeline gives them when it is made. */
  @BeforeAll
  static void register() {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
  }

  @Test
  void storesFindTheSchemesThatBeamKnows() {
    assertTrue(new BeamStoreFilesProvider().forScheme("memory").isPresent());
    assertEquals(Optional.empty(), new BeamStoreFilesProvider().forScheme("nowhere"));
    ModelStore store = ModelStore.at("memory://" + UUID.randomUUID() + "/models/");
    assertEquals(store, store.checkWritable());
    assertEquals(Optional.empty(), store.alias("champion"));
    StoreException e =
        assertThrows(StoreException.class, () -> ModelStore.at("nowhere://x").checkWritable());
    assertTrue(String.valueOf(e.getMessage()).contains("no file system for \"nowhere:\""));
  }

  @Test
  void refusesLocationsThatBeamTakesForPatterns() {
    IOException e =
        assertThrows(IOException.class, () -> new BeamStoreFiles().size("memory://b/a*b/f"));
    assertEquals(
        "a location on a Beam file system may not have any of * ? [ ] { } \\: memory://b/a*b/f",
        e.getMessage());
  }
}
