package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;

/** What differs between elements and rows: how they become tensors, and how they are refused. */
interface Door<InT, OutT> extends Serializable {
  /**
   * For a model that is open.
   *
   * @throws IllegalArgumentException if the model does not fit what is to be read or written
   */
  Translator<InT, ?, OutT> translator(TensorSession session);

  /**
   * The record of an element that cannot be used.
   *
   * @throws BadRowException when no handler takes bad records
   */
  BadRecord record(InT element, BadRowException reason) throws BadRowException;
}
