package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells faults of the machine, which pass, from faults of a model, which stay. */
final class LoadFault {
  /** How native libraries say that there was no memory or no room. */
  private static final List<String> SIGNS =
      List.of(
          "bad_alloc",
          "bad allocation",
          "out of memory",
          "failed to allocate",
          "alloc_failed",
          "cannot allocate memory",
          "no space left",
          "too many open files");

  private LoadFault() {}

  /** Whether the same model may load later. */
  static boolean isPassing(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileSystemException
          || cause instanceof InterruptedIOException
          || cause instanceof ClosedByInterruptException
          || cause instanceof InterruptedException
          || cause instanceof VirtualMachineError) {
        return true;
      }
      String message = cause.getMessage();
      // A plain IOException alone says nothing: parsers throw it for bytes that are no model.
      boolean tells = cause instanceof OnnxFailure || cause instanceof IOException;
      if (tells && message != null) {
        String text = message.toLowerCase(Locale.ROOT);
        if (SIGNS.stream().anyMatch(text::contains)) {
          return true;
        }
      }
    }
    return Thread.currentThread().isInterrupted();
  }
}
