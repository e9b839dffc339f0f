package dev.sheaf.transforms.training;

import dev.sheaf.models.table.RowBlock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.CustomCoder;

/** Writes a block of rows in its own compact form. */
final class RowBlockCoder extends CustomCoder<RowBlock> {
  private static final long serialVersionUID = 1L;
  private static final RowBlockCoder INSTANCE = new RowBlockCoder();

  private RowBlockCoder() {}

  static RowBlockCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(RowBlock block, OutputStream out) throws IOException {
    block.writeTo(new DataOutputStream(out));
  }

  @Override
  public RowBlock decode(InputStream in) throws IOException {
    return RowBlock.readFrom(new DataInputStream(in));
  }

  @Override
  public void verifyDeterministic() {
    // The same rows in the same order are the same bytes.
  }

  @Override
  protected long getEncodedElementByteSize(RowBlock block) {
    return block.byteSize();
  }

  @Override
  public boolean isRegisterByteSizeObserverCheap(RowBlock block) {
    return true;
  }

  private Object readResolve() {
    return INSTANCE;
  }
}
