package dev.sheaf.transforms.files;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class BeamLocalStoreFilesTest extends StoreFilesContract {
  BeamLocalStoreFilesTest(@TempDir Path folder) {
    super(new BeamStoreFiles(), folder.toString());
  }
}
