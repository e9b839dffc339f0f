package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.Row;

/**
 * Packs the rows of a bundle into blocks of CSV lines, so that SnowflakeIO moves hundreds of rows
 * as one element.
 */
final class PackRows extends DoFn<Row, String> {
  private static final int BLOCK_CHARACTERS = 1 << 19;

  private final RowEncoder encoder;
  private transient StringBuilder block = new StringBuilder();

  PackRows(RowEncoder encoder) {
    this.encoder = encoder;
  }

  @StartBundle
  public void start() {
    block = new StringBuilder(BLOCK_CHARACTERS + (BLOCK_CHARACTERS >> 2));
  }

  @ProcessElement
  public void pack(@Element Row row, OutputReceiver<String> output) {
    if (block.length() > 0) {
      block.append('\n');
    }
    encoder.encode(row, block);
    if (block.length() >= BLOCK_CHARACTERS) {
      output.output(block.toString());
      block.setLength(0);
    }
  }

  @FinishBundle
  public void finish(FinishBundleContext context) {
    if (block.length() > 0) {
      context.output(block.toString(), GlobalWindow.INSTANCE.maxTimestamp(), GlobalWindow.INSTANCE);
      block.setLength(0);
    }
  }

  /**
   * A block as SnowflakeIO takes it: it quotes a String, and writes anything else as its {@code
   * toString} is.
   */
  record Block(String lines) implements Serializable {
    static Object[] of(String lines) {
      return new Object[] {new Block(lines)};
    }

    @Override
    public String toString() {
      return lines;
    }
  }
}
