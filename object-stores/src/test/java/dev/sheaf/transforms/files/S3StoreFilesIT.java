package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.store.ModelStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Beam's file system for S3, on a server that speaks it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class S3StoreFilesIT extends StoreFilesContract {
  @SuppressWarnings("NullAway.Init") // set before all tests
  private static S3Server server;

  S3StoreFilesIT() {
    super(new BeamStoreFiles(), server.place());
  }

  @BeforeAll
  static void start() throws Exception {
    server = new S3Server();
    BeamStoreFilesProvider.useOptions(server.options());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aNewStoreIsEmpty() {
    ModelStore store = ModelStore.at(server.place());
    assertEquals(Optional.empty(), store.alias("champion"));
    assertEquals(List.of(), store.versions());
    assertEquals(store, store.checkWritable());
  }
}
