package dev.sheaf.transforms.files;

import dev.sheaf.models.store.StoreFiles;
import dev.sheaf.models.store.StoreFilesProvider;
import java.util.Optional;
import org.apache.beam.sdk.io.FileSystems;

/**
 * Brings the file systems that Beam has registered, such as {@code gs}, {@code s3} and {@code
 * hdfs}, to model stores; found by {@link java.util.ServiceLoader}.
 *
 * <p>Credentials and regions are those of the pipeline's options: Beam hands them to its file
 * systems when the pipeline is made and on every worker. A program that is no pipeline calls {@link
 * FileSystems#setDefaultPipelineOptions} first.
 */
public final class BeamStoreFilesProvider implements StoreFilesProvider {

  @Override
  public Optional<StoreFiles> forScheme(String scheme) {
    try {
      FileSystems.matchNewResource(scheme + "://store/probe", false);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.of(new BeamStoreFiles());
  }
}
