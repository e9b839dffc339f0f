package dev.sheaf.models.store;

/** What an alias said at one moment; it stays so, whatever is promoted meanwhile. */
record PinnedSelection(ModelStore store, Alias alias) implements ModelSelection {

  @Override
  public String token() {
    store.version(alias.version());
    return alias.overrides().isEmpty()
        ? alias.version().text()
        : Digests.of(AliasFile.toJson(alias));
  }

  @Override
  public ResolvedModels resolve() {
    return Served.of(store, alias, token(), store.folderOf(alias.version()));
  }
}
