package dev.sheaf.transforms.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.MapCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;

/**
 * How far a shard is, as the runner keeps it with its checkpoints.
 *
 * @param batch the number of the batch that was begun last; the batches of a checkpoint are in
 *     Kafka
 * @param pending how many records are known to be in Kafka whose rows are still to come again
 * @param positions an offset of each partition, at or before the first record of that batch
 */
record ShardState(long batch, long pending, Map<Integer, Long> positions) {
  ShardState {
    positions = Map.copyOf(positions);
  }

  static final class Coder extends AtomicCoder<ShardState> {
    private static final long serialVersionUID = 1L;
    private static final MapCoder<Integer, Long> POSITIONS =
        MapCoder.of(VarIntCoder.of(), VarLongCoder.of());

    @Override
    public void encode(ShardState state, OutputStream out) throws IOException {
      VarLongCoder.of().encode(state.batch, out);
      VarLongCoder.of().encode(state.pending, out);
      POSITIONS.encode(state.positions, out);
    }

    @Override
    public ShardState decode(InputStream in) throws IOException {
      long batch = VarLongCoder.of().decode(in);
      long pending = VarLongCoder.of().decode(in);
      return new ShardState(batch, pending, POSITIONS.decode(in));
    }
  }
}
