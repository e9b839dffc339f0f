package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.RowSample;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.RowLimit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one key on their way to its trainer, packed; of more than the limit no more is held
 * than what the limit leaves.
 */
final class KeyRows {
  private final RowLimit limit;
  private List<Slice> slices = new ArrayList<>();
  private long seen;
  private long held;
  private long bytes;
  private @Nullable OutOfMemoryError lack;

  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Slice(byte[] page, int from, int length) {
    RowBlock read() {
      try {
        return RowBlock.readFrom(new DataInputStream(new ByteArrayInputStream(page, from, length)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  KeyRows(RowLimit limit) {
    this.limit = limit;
  }

  /** Where there is not enough memory for the key's rows, its {@link #blocks} say so. */
  void add(long rowsSeen, byte[] page, int from, int length) throws IOException {
    seen += rowsSeen;
    if (lack != null) {
      return;
    }
    if (seen > limit.rows() && limit.overflow() == RowLimit.Overflow.REFUSE) {
      slices = new ArrayList<>();
      bytes = 0;
      return;
    }
    slices.add(new Slice(page, from, length));
    held += rowsSeen;
    bytes += length;
    if (limit.overflow() == RowLimit.Overflow.SAMPLE && held > 2 * limit.rows()) {
      try {
        cut();
      } catch (OutOfMemoryError e) {
        lack = e;
        slices = new ArrayList<>();
        bytes = 0;
      }
    }
  }

  private void cut() throws IOException {
    RowSample sample = RowSample.of((int) limit.rows(), limit.seed());
    slices.forEach(slice -> sample.add(slice.read()));
    RowBlock rows = sample.rows();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    rows.writeTo(new DataOutputStream(packed));
    slices = new ArrayList<>(List.of(new Slice(packed.toByteArray(), 0, packed.size())));
    held = rows.rows();
    bytes = packed.size();
  }

  /** All rows there were. */
  long seen() {
    return seen;
  }

  /** The bytes of the packed rows. */
  long bytes() {
    return bytes;
  }

  /** The rows, block by block; each is given up once it was read. */
  Iterable<RowBlock> blocks() {
    Iterator<Slice> rest = slices.iterator();
    return () ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return lack != null || rest.hasNext();
          }

          @Override
          public RowBlock next() {
            if (lack != null) {
              throw lack;
            }
            RowBlock block = rest.next().read();
            rest.remove();
            return block;
          }
        };
  }
}
