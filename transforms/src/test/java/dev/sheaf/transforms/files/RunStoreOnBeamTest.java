package dev.sheaf.transforms.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.runs.FinishedKey;
import dev.sheaf.models.runs.RunLedger;
import dev.sheaf.models.runs.RunStart;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.runs.RunWriter;
import dev.sheaf.models.runs.TrainingRun;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs on one of Beam's file systems: a bucket without folders whose files cannot be sought in. */
class RunStoreOnBeamTest {
  private static final Instant START = Instant.parse("2026-11-21T03:04:05.006Z");

  @BeforeAll
  static void register() {
    BeamStoreFilesProvider.useOptions(PipelineOptionsFactory.create());
  }

  @Test
  void aRunIsWrittenReadAndRunAgain() {
    RunStore store = RunStore.at("memory://" + UUID.randomUUID() + "/models");
    assertEquals(List.of(), store.runs());
    assertEquals(Optional.empty(), store.find("nightly 7/8"));
    TrainingRun run = store.start("nightly 7/8", START, Map.of("label", "SALES"));
    RunLedger ledger = run.ledger();
    assertEquals(0, ledger.size());
    FinishedKey a = new FinishedKey("a/é", "TRAINED", "fa", Map.of("RMSE", "1.5"), new byte[9999]);
    FinishedKey b = new FinishedKey("b", "FAILED", "fb", Map.of("REASON", "no"), null);
    try (RunWriter writer = run.writer(Clock.systemUTC())) {
      writer.add(a);
      writer.flush();
      assertEquals(Optional.of(a), ledger.refresh().reuse("a/é", "fa"));
      writer.add(b);
    }
    run.finish(START.plusSeconds(60), Map.of("version", "v1"));

    TrainingRun again = store.start("nightly 7/8", START.plusSeconds(100), Map.of());
    assertEquals(List.of(2), store.runs().stream().map(RunStart::attempt).toList());
    assertEquals(Optional.empty(), again.end());
    assertEquals(Optional.of(a), again.sharedLedger().reuse("a/é", "fa"));
    assertEquals(Optional.empty(), again.sharedLedger().reuse("b", "fb"));
    assertEquals(List.of(b), again.sharedLedger().failures(5));
    assertEquals(2, again.sharedLedger().progress().parts());
  }
}
