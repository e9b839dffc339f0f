package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RowSample;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.table.RowBlock;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * All that the training of a key by a {@link SummingTrainer} needs of its rows: the sums over the
 * rows to train on, a few of them to check the exported model with, and the rows held out, of more
 * than {@value #HELD_OUT_ROWS} a sample.
 *
 * <p>Sums of parts of a key's rows merge into those of all, in any order. Confined to one thread.
 */
public final class KeySums {
  /** The most rows held out that are kept to judge the model by. */
  public static final int HELD_OUT_ROWS = 4096;

  private static final int SAMPLE_ROWS = 16;
  private static final long SEED = 0;

  private final Holdout holdout;
  private final RowSample sample;
  private final RowSample heldOut;
  private RowSums train;
  private long rows;
  private double weight;
  private double weightedLabels;

  /** The sum of all labels that are not finite, held out or not; 0 if there is none. */
  private double unusableLabels;

  private long hash;
  private long otherHash;

  private KeySums(KeyTrainer trainer, RowSums train) {
    this.holdout = trainer.holdout();
    this.train = train;
    RowBlock empty = RowBlock.builder(trainer.schema()).build();
    this.sample = RowSample.of(SAMPLE_ROWS, SEED).add(empty);
    this.heldOut = RowSample.of(HELD_OUT_ROWS, SEED).add(empty);
  }

  /** The sums of no rows. */
  public static KeySums none(KeyTrainer trainer) {
    return new KeySums(trainer, ((SummingTrainer) trainer.trainer()).noSums(trainer.schema()));
  }

  /** Adds rows of the key. */
  public KeySums add(RowBlock block) {
    Split split = holdout.split(block);
    RowBlock kept = block;
    if (split.holdout().length > 0) {
      kept = block.select(split.train());
      heldOut.add(block.select(split.holdout()).compact());
    }
    train = train.add(kept);
    addSample(kept);
    rows += block.rows();
    double[] weights = kept.weights();
    double[] labels = kept.labels();
    for (int i = 0; i < labels.length; i++) {
      double one = weights == null ? 1 : weights[i];
      weight += one;
      weightedLabels += one * labels[i];
    }
    for (double label : block.labels()) {
      unusableLabels += Double.isFinite(label) ? 0 : label;
    }
    for (int i = 0; i < block.rows(); i++) {
      long mixed = Fingerprint.mix(block.hashes()[i] + block.orders()[i]);
      hash += mixed;
      otherHash += Fingerprint.mix(mixed);
    }
    return this;
  }

  private void addSample(RowBlock block) {
    if (block.rows() <= 2 * SAMPLE_ROWS) {
      sample.add(block.compact());
    } else {
      sample.add(RowSample.of(SAMPLE_ROWS, SEED).add(block).rows().compact());
    }
  }

  /** Adds the sums of other rows of the key. */
  public KeySums merge(KeySums other) {
    train = train.merge(other.train);
    sample.merge(other.sample);
    heldOut.merge(other.heldOut);
    rows += other.rows;
    weight += other.weight;
    weightedLabels += other.weightedLabels;
    unusableLabels += other.unusableLabels;
    hash += other.hash;
    otherHash += other.otherHash;
    return this;
  }

  /** All rows, those held out included. */
  public long rows() {
    return rows;
  }

  RowSums train() {
    return train;
  }

  /** A few of the rows trained on. */
  RowBlock sample() {
    return sample.rows();
  }

  /** The rows held out, or a sample of them. */
  RowBlock heldOut() {
    return heldOut.rows();
  }

  /** Refuses labels that are not finite, in the words that rows with such are refused by. */
  void checkLabels() throws TrainingException {
    if (unusableLabels != 0) {
      throw TrainingException.ofLabel(unusableLabels);
    }
  }

  double meanLabel() {
    return weight > 0 ? weightedLabels / weight : 0;
  }

  /** Two sums over hashes of all rows, the same in any order. */
  long[] dataHashes() {
    return new long[] {rows, hash, otherHash};
  }

  /** About how many bytes they take in memory. */
  public long byteSize() {
    return train.byteSize() + sample().byteSize() + heldOut().byteSize() + 128;
  }

  /** Writes what {@link #readFrom} reads. */
  public void writeTo(DataOutput out) throws IOException {
    train.writeTo(out);
    sample.writeTo(out);
    heldOut.writeTo(out);
    out.writeLong(rows);
    out.writeDouble(weight);
    out.writeDouble(weightedLabels);
    out.writeDouble(unusableLabels);
    out.writeLong(hash);
    out.writeLong(otherHash);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @param trainer the trainer that the sums are for
   * @throws IOException if the bytes are no such sums
   */
  public static KeySums readFrom(KeyTrainer trainer, DataInput in) throws IOException {
    RowSums train = ((SummingTrainer) trainer.trainer()).readSums(trainer.schema(), in);
    KeySums sums = new KeySums(trainer, train);
    sums.sample.add(RowBlock.readFrom(in));
    sums.heldOut.add(RowBlock.readFrom(in));
    sums.rows = in.readLong();
    sums.weight = in.readDouble();
    sums.weightedLabels = in.readDouble();
    sums.unusableLabels = in.readDouble();
    sums.hash = in.readLong();
    sums.otherHash = in.readLong();
    return sums;
  }
}
