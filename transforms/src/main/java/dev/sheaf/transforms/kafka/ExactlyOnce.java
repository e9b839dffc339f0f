package dev.sheaf.transforms.kafka;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.DefaultTrigger;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PDone;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/** Writes records so that each is committed once, whatever is repeated; see docs/kafka.md. */
final class ExactlyOnce extends PTransform<PCollection<ProducerRecord<byte[], byte[]>>, PDone> {
  private static final long serialVersionUID = 1L;
  private static final KvCoder<Integer, ProducerRecord<byte[], byte[]>> CODER =
      KvCoder.of(VarIntCoder.of(), NullableCoder.of(EncodeRows.CODER));

  private final SinkSettings settings;

  ExactlyOnce(SinkSettings settings) {
    this.settings = settings;
  }

  @Override
  public PDone expand(PCollection<ProducerRecord<byte[], byte[]>> input) {
    // Every shard opens when the job starts, and so has state in the first checkpoint: later a
    // shard without state is one of a job that starts anew.
    List<Integer> shards = IntStream.range(0, settings.shards()).boxed().toList();
    PCollection<KV<Integer, ProducerRecord<byte[], byte[]>>> openings =
        input
            .getPipeline()
            .apply("Shards", Create.of(shards))
            .apply("Open", ParDo.of(new OpenShard()))
            .setCoder(CODER)
            .apply("Openings in one window", global());
    PCollection<KV<Integer, ProducerRecord<byte[], byte[]>>> records =
        input
            .apply("To shards", ParDo.of(new ToShard(settings)))
            .setCoder(CODER)
            .apply("In one window", global());
    PCollectionList.of(openings)
        .and(records)
        .apply("All", Flatten.pCollections())
        .apply("Write", ParDo.of(new WriteShards(settings)));
    return PDone.in(input.getPipeline());
  }

  private static Window<KV<Integer, ProducerRecord<byte[], byte[]>>> global() {
    return Window.<KV<Integer, ProducerRecord<byte[], byte[]>>>into(new GlobalWindows())
        .triggering(DefaultTrigger.of())
        .withAllowedLateness(Duration.ZERO)
        .discardingFiredPanes();
  }

  private static final class OpenShard
      extends DoFn<Integer, KV<Integer, ProducerRecord<byte[], byte[]>>> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void open(
        @Element Integer shard, OutputReceiver<KV<Integer, ProducerRecord<byte[], byte[]>>> out) {
      @Nullable ProducerRecord<byte[], byte[]> nothing = null;
      out.output(KV.of(shard, nothing));
    }
  }

  private static final class ToShard
      extends DoFn<ProducerRecord<byte[], byte[]>, KV<Integer, ProducerRecord<byte[], byte[]>>> {
    private static final long serialVersionUID = 1L;
    private final SinkSettings settings;

    ToShard(SinkSettings settings) {
      this.settings = settings;
    }

    @ProcessElement
    public void shard(
        @Element ProducerRecord<byte[], byte[]> record,
        OutputReceiver<KV<Integer, ProducerRecord<byte[], byte[]>>> out) {
      out.output(KV.of(settings.shard(record), record));
    }
  }
}
