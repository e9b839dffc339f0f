package dev.sheaf.models.runs;

import org.jspecify.annotations.Nullable;

/**
 * Where a key's latest outcome lies, and what the progress needs of it.
 *
 * @param lineAt the first byte of its line in the part
 * @param ledgerEnd where the part's ledger ends; models are placed from there
 */
record Place(
    PartName part,
    String status,
    String fingerprint,
    long rows,
    double seconds,
    long finishedMillis,
    boolean model,
    long lineAt,
    int lineBytes,
    long ledgerEnd) {

  static Place of(PartName part, PartLedger.Line line, FinishedKey key, long ledgerEnd) {
    return new Place(
        part,
        // Few texts, many keys.
        key.status().intern(),
        key.fingerprint(),
        (long) number(key.ledger().get(FinishedKey.ROWS)),
        number(key.ledger().get(FinishedKey.SECONDS)),
        line.line().at().toEpochMilli(),
        line.line().model() != null,
        line.at(),
        line.length(),
        ledgerEnd);
  }

  /** A ledger may leave columns empty or out: they count as nothing. */
  private static double number(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
