package dev.sheaf.transforms.training;

import dev.sheaf.models.train.KeySums;
import dev.sheaf.models.train.KeyTrainer;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.transforms.Combine.CombineFn;

/**
 * Merges the sums of the keys of a group, key by key; in any order, to the rounding of floating
 * point numbers.
 */
final class MergeSums extends CombineFn<byte[], Map<String, KeySums>, byte[]> {
  private static final long serialVersionUID = 1L;

  private final KeyTrainer trainer;

  MergeSums(KeyTrainer trainer) {
    this.trainer = trainer;
  }

  @Override
  public Map<String, KeySums> createAccumulator() {
    return new HashMap<>();
  }

  @Override
  public Map<String, KeySums> addInput(Map<String, KeySums> sums, byte[] page) {
    read(trainer, page).forEach((key, more) -> sums.merge(key, more, KeySums::merge));
    return sums;
  }

  @Override
  public Map<String, KeySums> mergeAccumulators(Iterable<Map<String, KeySums>> accumulators) {
    Iterator<Map<String, KeySums>> all = accumulators.iterator();
    Map<String, KeySums> merged = all.next();
    while (all.hasNext()) {
      all.next().forEach((key, more) -> merged.merge(key, more, KeySums::merge));
    }
    return merged;
  }

  @Override
  public byte[] extractOutput(Map<String, KeySums> sums) {
    return write(sums);
  }

  @Override
  public Coder<Map<String, KeySums>> getAccumulatorCoder(
      CoderRegistry registry, Coder<byte[]> inputCoder) {
    return new SumsCoder(trainer);
  }

  @Override
  public Coder<byte[]> getDefaultOutputCoder(CoderRegistry registry, Coder<byte[]> inputCoder) {
    return ByteArrayCoder.of();
  }

  static byte[] write(Map<String, KeySums> sums) {
    KeyPages.Writer page = new KeyPages.Writer();
    sums.forEach((key, one) -> page.add(key, one.rows(), one::writeTo));
    return page.toBytes();
  }

  static Map<String, KeySums> read(KeyTrainer trainer, byte[] page) {
    Map<String, KeySums> sums = new HashMap<>();
    try {
      KeyPages.visit(
          page,
          (key, seen, bytes, from, length) -> {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, from, length));
            sums.merge(key, KeySums.readFrom(trainer, in), KeySums::merge);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sums;
  }

  /** Writes sums as a page. */
  private static final class SumsCoder extends CustomCoder<Map<String, KeySums>> {
    private static final long serialVersionUID = 1L;
    private static final ByteArrayCoder BYTES = ByteArrayCoder.of();

    private final KeyTrainer trainer;

    SumsCoder(KeyTrainer trainer) {
      this.trainer = trainer;
    }

    @Override
    public void encode(Map<String, KeySums> sums, OutputStream out) throws IOException {
      BYTES.encode(write(sums), out);
    }

    @Override
    public Map<String, KeySums> decode(InputStream in) throws IOException {
      return read(trainer, BYTES.decode(in));
    }
  }
}
