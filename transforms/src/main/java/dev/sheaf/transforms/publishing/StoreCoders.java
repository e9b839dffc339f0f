package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ShardEntries;
import java.util.List;
import org.apache.beam.sdk.coders.CoderProvider;
import org.apache.beam.sdk.coders.CoderProviderRegistrar;
import org.apache.beam.sdk.coders.CoderProviders;
import org.apache.beam.sdk.values.TypeDescriptor;

/** Tells every pipeline how the types of this package travel, so that nobody calls setCoder. */
public final class StoreCoders implements CoderProviderRegistrar {

  @Override
  public List<CoderProvider> getCoderProviders() {
    return List.of(
        CoderProviders.forCoder(TypeDescriptor.of(CandidateModel.class), CandidateModelCoder.of()),
        CoderProviders.forCoder(TypeDescriptor.of(ShardEntries.class), ShardEntriesCoder.of()),
        CoderProviders.forCoder(
            TypeDescriptor.of(PublishedVersion.class), PublishedVersionCoder.of()));
  }
}
