package dev.sheaf.transforms.publishing;

import static dev.sheaf.transforms.publishing.Models.FIRST;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.ShardEntries;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.CannotProvideCoderException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.testing.CoderProperties;
import org.junit.jupiter.api.Test;

class StoreCodersTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  @Test
  void candidateModelsTravel() throws Exception {
    CandidateModel model =
        CandidateModel.of(
            "key é\u0000",
            new byte[] {1, 0, -1},
            Long.MAX_VALUE,
            Map.of("rmse", Double.NaN, "mae", -0.0, "r2", Double.NEGATIVE_INFINITY));
    travels(CandidateModel.class, model);
    CoderProperties.coderDeterministic(
        coder(CandidateModel.class),
        model,
        CandidateModel.of(model.key(), model.onnx().clone(), model.rows(), model.metrics()));
  }

  @Test
  void shardEntriesTravel() throws Exception {
    IndexEntry entry =
        new IndexEntry(
            "k", 3, "k.onnx", 1L << 40, 7, DIGEST, 11, Map.of("rmse", 0.1), EntryStatus.STORED);
    travels(ShardEntries.class, new ShardEntries(3, 16, 1L << 41, List.of(entry)));
  }

  @Test
  void publishedVersionsTravel() throws Exception {
    travels(PublishedVersion.class, new PublishedVersion(FIRST, 10, 3, 4, 5));
  }

  private static <T> void travels(Class<T> type, T value) throws Exception {
    CoderProperties.coderDecodeEncodeEqual(coder(type), value);
    CoderProperties.coderSerializable(coder(type));
    coder(type).verifyDeterministic();
    assertEquals(type, coder(type).getEncodedTypeDescriptor().getRawType());
  }

  private static <T> Coder<T> coder(Class<T> type) throws CannotProvideCoderException {
    return CoderRegistry.createDefault().getCoder(type);
  }
}
