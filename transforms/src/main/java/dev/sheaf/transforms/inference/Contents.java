package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxModel;
import java.io.IOException;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;

/** Tells one content of a model's file from another without reading it. */
@FunctionalInterface
interface Contents {
  /**
   * A text that differs whenever the content does.
   *
   * @throws IOException if the file is missing or cannot be asked about
   */
  String of(OnnxModel model) throws IOException;

  /** By the size and the time of the last change, as Beam's file systems tell them. */
  static Contents bySizeAndTime() {
    return model -> {
      if (model.location().isEmpty()) {
        return "";
      }
      MatchResult.Metadata file = FileSystems.matchSingleFileSpec(model.location().get());
      return file.sizeBytes() + " bytes of " + file.lastModifiedMillis();
    };
  }
}
