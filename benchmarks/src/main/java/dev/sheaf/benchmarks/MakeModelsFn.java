package dev.sheaf.benchmarks;

import dev.sheaf.models.store.CandidateModel;
import java.util.Objects;
import java.util.function.IntFunction;
import org.apache.beam.sdk.transforms.DoFn;
import org.jspecify.annotations.Nullable;

/** Makes the models of the keys of one part of several on the workers. */
final class MakeModelsFn extends DoFn<Integer, CandidateModel> {
  /** How many parts there are. */
  static final int PARTS = 64;

  private static final long serialVersionUID = 1L;
  private final MadeModels models;
  private transient @Nullable IntFunction<byte[]> files;

  MakeModelsFn(MadeModels models) {
    this.models = models;
  }

  @Setup
  public void setup() {
    files = models.files(0);
  }

  @ProcessElement
  public void process(@Element Integer part, OutputReceiver<CandidateModel> out) {
    for (int key = part; key < models.keys(); key += PARTS) {
      out.output(MadeModels.candidate(key, Objects.requireNonNull(files)));
    }
  }
}
