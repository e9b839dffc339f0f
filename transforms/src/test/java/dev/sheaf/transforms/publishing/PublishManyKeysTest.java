package dev.sheaf.transforms.publishing;

import static dev.sheaf.transforms.publishing.Models.FIRST;
import static dev.sheaf.transforms.publishing.Models.SECOND;
import static dev.sheaf.transforms.publishing.Models.model;
import static dev.sheaf.transforms.publishing.Models.served;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SimpleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Twenty thousand keys, a third of which do worse the second time. */
class PublishManyKeysTest {
  private static final int KEYS = 20_000;
  private final ModelStore store;

  PublishManyKeysTest(@TempDir Path folder) {
    this.store = ModelStore.at(folder.toString());
  }

  @Test
  void publishesManyKeysTwice() {
    long start = System.nanoTime();
    publish(FIRST, 1, new PublishedVersion(FIRST, KEYS, KEYS, 0, 0));
    long first = System.nanoTime();
    int worse = (KEYS + 2) / 3;
    publish(SECOND, 2, new PublishedVersion(SECOND, KEYS, KEYS - worse, worse, 0));
    long second = System.nanoTime();
    assertEquals(FIRST + " 1 19998", served(store, "19998"));
    assertEquals(SECOND + " 2 19999", served(store, "19999"));
    System.out.printf(
        Locale.ROOT,
        "%d keys: published in %d ms, and over a champion in %d ms%n",
        KEYS,
        (first - start) / 1_000_000,
        (second - first) / 1_000_000);
  }

  private void publish(VersionId version, int round, PublishedVersion expected) {
    Pipeline p = Pipeline.create();
    PublishModels.Result result =
        p.apply(GenerateSequence.from(0).to(KEYS))
            .apply(MapElements.via(new Train(round)))
            .apply(PublishModels.to(store).withVersion(version));
    PAssert.thatSingleton(result.version()).isEqualTo(expected);
    p.run().waitUntilFinish();
  }

  private static final class Train extends SimpleFunction<Long, CandidateModel> {
    private static final long serialVersionUID = 1L;
    private final int round;

    Train(int round) {
      this.round = round;
    }

    @Override
    public CandidateModel apply(Long key) {
      double rmse = key % 3 == 0 ? round : 1.0 / round;
      return model(Long.toString(key), round + " " + key, rmse);
    }
  }
}
