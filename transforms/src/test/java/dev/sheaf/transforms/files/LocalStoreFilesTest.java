package dev.sheaf.transforms.files;

import dev.sheaf.models.store.StoreFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreFilesTest extends StoreFilesContract {
  LocalStoreFilesTest(@TempDir Path folder) {
    super(StoreFiles.local(), folder.toString());
  }
}
