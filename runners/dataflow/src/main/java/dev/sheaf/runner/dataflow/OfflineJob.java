package dev.sheaf.runner.dataflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory;
import org.apache.beam.sdk.extensions.gcp.storage.NoopPathValidator;

/**
 * A job that is translated as Dataflow's runner does it, and kept in a folder instead of being
 * submitted: {@code job.json} is what would be sent, {@code pipeline.pb} the graph of Runner v2.
 */
final class OfflineJob {
  private static final String PROJECT = "offline-project";
  private static final String REGION = "us-central1";
  private static final String BUCKET = "gs://offline-project";

  private OfflineJob() {}

  static Path folder(LaunchOptions options) {
    String folder = options.getOfflineTo();
    if (folder == null) {
      throw new IllegalArgumentException("cannot translate a job offline without --offlineTo");
    }
    return Path.of(folder);
  }

  /** Sets what keeps the runner from asking anyone; project, region and bucket are made up. */
  static void prepare(LaunchOptions options) {
    Path folder = folder(options);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("--offlineTo: cannot make the folder " + folder, e);
    }
    // Before any option whose default would be made of credentials.
    options.setCredentialFactoryClass(NoopCredentialFactory.class);
    options.setPathValidatorClass(NoopPathValidator.class);
    options.setStagerClass(OfflineStager.class);
    options.setProject(PROJECT);
    options.setRegion(REGION);
    options.setGcpTempLocation(BUCKET + "/temp");
    options.setStagingLocation(BUCKET + "/staging");
    options.setTemplateLocation(folder.resolve("job.json").toString());
  }
}
