package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.values.TypeDescriptor;

/** Candidates as key, bytes, digest, rows and metrics; equal candidates have equal bytes. */
final class CandidateModelCoder extends AtomicCoder<CandidateModel> {
  private static final long serialVersionUID = 1L;
  private static final CandidateModelCoder INSTANCE = new CandidateModelCoder();

  private CandidateModelCoder() {}

  static CandidateModelCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(CandidateModel model, OutputStream out) throws IOException {
    StringUtf8Coder.of().encode(model.key(), out);
    ByteArrayCoder.of().encode(model.onnx(), out);
    StringUtf8Coder.of().encode(model.digest(), out);
    VarLongCoder.of().encode(model.rows(), out);
    MetricsCoder.encode(model.metrics(), out);
  }

  @Override
  public CandidateModel decode(InputStream in) throws IOException {
    return new CandidateModel(
        StringUtf8Coder.of().decode(in),
        ByteArrayCoder.of().decode(in),
        StringUtf8Coder.of().decode(in),
        VarLongCoder.of().decode(in),
        MetricsCoder.decode(in));
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }

  @Override
  public TypeDescriptor<CandidateModel> getEncodedTypeDescriptor() {
    return TypeDescriptor.of(CandidateModel.class);
  }
}
