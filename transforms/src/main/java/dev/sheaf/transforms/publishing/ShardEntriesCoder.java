package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.ShardEntries;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.values.TypeDescriptor;

/** Written shards as their numbers and their entries. */
final class ShardEntriesCoder extends AtomicCoder<ShardEntries> {
  private static final long serialVersionUID = 1L;
  private static final ShardEntriesCoder INSTANCE = new ShardEntriesCoder();

  private ShardEntriesCoder() {}

  static ShardEntriesCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(ShardEntries shard, OutputStream out) throws IOException {
    VarIntCoder.of().encode(shard.shard(), out);
    VarIntCoder.of().encode(shard.shards(), out);
    VarLongCoder.of().encode(shard.fileBytes(), out);
    VarIntCoder.of().encode(shard.entries().size(), out);
    for (IndexEntry entry : shard.entries()) {
      StringUtf8Coder.of().encode(entry.key(), out);
      StringUtf8Coder.of().encode(entry.entry(), out);
      VarLongCoder.of().encode(entry.offset(), out);
      VarLongCoder.of().encode(entry.bytes(), out);
      StringUtf8Coder.of().encode(entry.digest(), out);
      VarLongCoder.of().encode(entry.rows(), out);
      MetricsCoder.encode(entry.metrics(), out);
      StringUtf8Coder.of().encode(entry.status().name(), out);
    }
  }

  @Override
  public ShardEntries decode(InputStream in) throws IOException {
    int shard = VarIntCoder.of().decode(in);
    int shards = VarIntCoder.of().decode(in);
    long fileBytes = VarLongCoder.of().decode(in);
    List<IndexEntry> entries = new ArrayList<>();
    for (int left = VarIntCoder.of().decode(in); left > 0; left--) {
      entries.add(
          new IndexEntry(
              StringUtf8Coder.of().decode(in),
              shard,
              StringUtf8Coder.of().decode(in),
              VarLongCoder.of().decode(in),
              VarLongCoder.of().decode(in),
              StringUtf8Coder.of().decode(in),
              VarLongCoder.of().decode(in),
              MetricsCoder.decode(in),
              EntryStatus.valueOf(StringUtf8Coder.of().decode(in))));
    }
    return new ShardEntries(shard, shards, fileBytes, entries);
  }

  @Override
  public TypeDescriptor<ShardEntries> getEncodedTypeDescriptor() {
    return TypeDescriptor.of(ShardEntries.class);
  }
}
