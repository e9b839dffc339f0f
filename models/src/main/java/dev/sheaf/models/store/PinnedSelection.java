package dev.sheaf.models.store;

/** One version. */
record PinnedSelection(ModelStore store, VersionId version) implements ModelSelection {

  @Override
  public String token() {
    store.version(version);
    return version.text();
  }

  @Override
  public ResolvedModels resolve() {
    return Served.of(store, Alias.to(version), version.text(), store.folderOf(version));
  }
}
