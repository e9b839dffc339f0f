package dev.sheaf.transforms.training;

import dev.sheaf.models.train.KeySums;
import dev.sheaf.models.train.KeyTrainer;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.transforms.Combine.CombineFn;

/**
 * Merges the sums of the keys of a group, key by key; in any order, to the rounding of floating
 * point numbers.
 *
 * <p>An accumulator is a few pages of sums as bytes, which are merged into one whenever there are
 * too many: runners copy and move accumulators far more often than anybody looks into them.
 */
final class MergeSums extends CombineFn<byte[], List<byte[]>, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final int MOST_PAGES = 32;

  private final KeyTrainer trainer;

  MergeSums(KeyTrainer trainer) {
    this.trainer = trainer;
  }

  @Override
  public List<byte[]> createAccumulator() {
    return new ArrayList<>();
  }

  @Override
  public List<byte[]> addInput(List<byte[]> pages, byte[] page) {
    List<byte[]> more = new ArrayList<>(pages);
    more.add(page);
    return more.size() > MOST_PAGES ? compact(more) : more;
  }

  @Override
  public List<byte[]> mergeAccumulators(Iterable<List<byte[]>> accumulators) {
    List<byte[]> merged = new ArrayList<>();
    for (List<byte[]> pages : accumulators) {
      merged.addAll(pages);
      if (merged.size() > MOST_PAGES) {
        merged = compact(merged);
      }
    }
    return merged;
  }

  @Override
  public List<byte[]> compact(List<byte[]> pages) {
    List<byte[]> one = new ArrayList<>();
    one.add(extractOutput(pages));
    return one;
  }

  @Override
  public byte[] extractOutput(List<byte[]> pages) {
    if (pages.size() == 1) {
      return pages.get(0);
    }
    Map<String, KeySums> sums = new HashMap<>();
    pages.forEach(page -> readInto(sums, page));
    return write(sums);
  }

  @Override
  public Coder<List<byte[]>> getAccumulatorCoder(CoderRegistry registry, Coder<byte[]> inputCoder) {
    return ListCoder.of(ByteArrayCoder.of());
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
    new MergeSums(trainer).readInto(sums, page);
    return sums;
  }

  private void readInto(Map<String, KeySums> sums, byte[] page) {
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
  }
}
