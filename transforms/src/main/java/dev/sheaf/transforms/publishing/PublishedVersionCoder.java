package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.VersionId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.values.TypeDescriptor;

/** Published versions as their name and their numbers. */
final class PublishedVersionCoder extends AtomicCoder<PublishedVersion> {
  private static final long serialVersionUID = 1L;
  private static final PublishedVersionCoder INSTANCE = new PublishedVersionCoder();

  private PublishedVersionCoder() {}

  static PublishedVersionCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(PublishedVersion published, OutputStream out) throws IOException {
    StringUtf8Coder.of().encode(published.version().text(), out);
    VarLongCoder.of().encode(published.models(), out);
    VarLongCoder.of().encode(published.promoted(), out);
    VarLongCoder.of().encode(published.rejected(), out);
    VarLongCoder.of().encode(published.kept(), out);
  }

  @Override
  public PublishedVersion decode(InputStream in) throws IOException {
    return new PublishedVersion(
        VersionId.ofText(StringUtf8Coder.of().decode(in)),
        VarLongCoder.of().decode(in),
        VarLongCoder.of().decode(in),
        VarLongCoder.of().decode(in),
        VarLongCoder.of().decode(in));
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }

  @Override
  public TypeDescriptor<PublishedVersion> getEncodedTypeDescriptor() {
    return TypeDescriptor.of(PublishedVersion.class);
  }
}
