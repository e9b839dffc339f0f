package dev.sheaf.transforms.training;

import dev.sheaf.models.runs.RunLedger;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.train.Champion;
import dev.sheaf.models.train.DamagedChampionException;
import dev.sheaf.models.train.KeyHistory;
import dev.sheaf.models.train.KeyOutcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a run's earlier attempts finished, and the models that serve in a store today. */
final class RunHistory implements KeyHistory {
  private final @Nullable RunLedger ledger;
  private final @Nullable ModelStore store;
  private @Nullable ResolvedModels champions;

  RunHistory(@Nullable RunLedger ledger, @Nullable ModelStore store) {
    this.ledger = ledger;
    this.store = store;
  }

  /** Finds out what serves now: on a stream that changes while a worker lives. */
  void refresh() {
    if (store == null || store.alias(ModelStore.CHAMPION).isEmpty()) {
      champions = null;
      return;
    }
    ModelSelection champion = store.champion();
    ResolvedModels known = champions;
    if (known == null || !known.token().equals(champion.token())) {
      champions = champion.resolve();
    }
  }

  @Override
  public Optional<KeyOutcome> finished(String key, String fingerprint) {
    return ledger == null
        ? Optional.empty()
        : ledger.reuse(key, fingerprint).map(LedgerTexts::outcome);
  }

  @Override
  public Optional<Champion> champion(String key) {
    ResolvedModels models = champions;
    if (models == null) {
      return Optional.empty();
    }
    Optional<ModelRef> found = models.find(key);
    try {
      return found.map(ref -> new Champion(ref.version().text(), models.load(ref)));
    } catch (StoreException e) {
      throw e.reason() == StoreException.Reason.DAMAGE ? new DamagedChampionException(e) : e;
    }
  }
}
