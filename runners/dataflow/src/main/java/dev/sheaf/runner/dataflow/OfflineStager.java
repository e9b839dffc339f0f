package dev.sheaf.runner.dataflow;

import com.google.api.services.dataflow.model.DataflowPackage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.runners.dataflow.util.PackageUtil.StagedFile;
import org.apache.beam.runners.dataflow.util.Stager;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Uploads nothing: answers each file with the place where it would lie in the bucket, and keeps
 * what the runner makes itself, such as {@code pipeline.pb}, in the folder of {@code --offlineTo}.
 *
 * <p>Public because the runner makes it by reflection.
 */
public final class OfflineStager implements Stager {
  private final Path folder;
  private final String staging;

  private OfflineStager(Path folder, String staging) {
    this.folder = folder;
    this.staging = staging;
  }

  /** Called by the runner, for options with {@code --offlineTo}. */
  public static OfflineStager fromOptions(PipelineOptions options) {
    LaunchOptions launch = options.as(LaunchOptions.class);
    return new OfflineStager(OfflineJob.folder(launch), launch.getStagingLocation());
  }

  @Override
  public List<DataflowPackage> stageFiles(List<StagedFile> files) {
    return files.stream().map(file -> staged(file.getDestination())).toList();
  }

  @Override
  public DataflowPackage stageToFile(byte[] bytes, String name) {
    try {
      Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + name + " into " + folder, e);
    }
    return staged(name);
  }

  private DataflowPackage staged(String name) {
    return new DataflowPackage().setName(name).setLocation(staging + "/" + name);
  }
}
