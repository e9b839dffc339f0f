package dev.sheaf.models.store;

/** What an alias points to. */
record AliasSelection(ModelStore store, String name) implements ModelSelection {

  @Override
  public String token() {
    return read().token();
  }

  @Override
  public ResolvedModels resolve() {
    ModelStore.Aliased aliased = read();
    return Served.of(store, aliased.alias(), aliased.token(), store.aliasFile(name));
  }

  private ModelStore.Aliased read() {
    return store
        .readAlias(name)
        .orElseThrow(
            () ->
                new StoreException(
                    "cannot serve the "
                        + name
                        + " of "
                        + store.location()
                        + ": there is no "
                        + store.aliasFile(name)
                        + "; publish with PublishModels.to(...).promoteIf(Gate.always()) or call"
                        + " ModelStore.promote(\""
                        + name
                        + "\", Alias.to(version))"));
  }
}
