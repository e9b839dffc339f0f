package dev.sheaf.transforms.files;

import dev.sheaf.models.store.StoreFiles;
import dev.sheaf.models.store.StoreFilesProvider;
import java.util.Optional;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Brings the file systems that Beam has registered, such as {@code gs}, {@code s3} and {@code
 * hdfs}, to model stores; found by {@link java.util.ServiceLoader}.
 *
 * <p>Credentials and regions are those of the pipeline's options: Beam hands them to its file
 * systems when the pipeline is made and on every worker. A program that is no pipeline calls {@link
 * #useOptions} first.
 */
public final class BeamStoreFilesProvider implements StoreFilesProvider {

  /**
   * Hands options, with their credentials and regions, to Beam's file systems in this JVM.
   *
   * @param options any; the runner among them is not looked at
   */
  public static void useOptions(PipelineOptions options) {
    FileSystems.setDefaultPipelineOptions(options);
  }

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
