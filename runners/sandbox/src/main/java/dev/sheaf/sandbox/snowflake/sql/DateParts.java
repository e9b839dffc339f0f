package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code DATE_PART(part, x)} and {@code EXTRACT(part FROM x)} of an epoch become this server's
 * macros, which keep nanoseconds; other parts are DuckDB's own.
 */
final class DateParts implements Rule {
  private static final Map<String, String> EPOCHS =
      Map.ofEntries(
          Map.entry("EPOCH_SECOND", "sf_epoch_second"),
          Map.entry("EPOCH", "sf_epoch_second"),
          Map.entry("EPOCH_SECONDS", "sf_epoch_second"),
          Map.entry("EPOCH_MILLISECOND", "sf_epoch_millisecond"),
          Map.entry("EPOCH_MILLISECONDS", "sf_epoch_millisecond"),
          Map.entry("EPOCH_MICROSECOND", "sf_epoch_microsecond"),
          Map.entry("EPOCH_MICROSECONDS", "sf_epoch_microsecond"),
          Map.entry("EPOCH_NANOSECOND", "sf_epoch_nanosecond"),
          Map.entry("EPOCH_NANOSECONDS", "sf_epoch_nanosecond"),
          Map.entry("NANOSECOND", "sf_nanosecond"),
          Map.entry("NANOSECONDS", "sf_nanosecond"),
          Map.entry("NS", "sf_nanosecond"));

  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      boolean call =
          (token.isWord("DATE_PART") || token.isWord("EXTRACT"))
              && statement.hasSymbol(i + 1, "(")
              && i + 3 < tokens.size()
              && (statement.hasSymbol(i + 3, ",") || statement.hasWords(i + 3, "FROM"));
      String macro = call ? EPOCHS.get(tokens.get(i + 2).text().toUpperCase(Locale.ROOT)) : null;
      if (macro != null) {
        int close = statement.closing(i + 1);
        out.addAll(Calls.of(macro, apply(statement.part(i + 4, close).tokens()), ""));
        i = close;
      } else if (call && token.isWord("DATE_PART")) {
        out.add(token);
        out.add(tokens.get(i + 1));
        out.add(Token.raw(Token.string(tokens.get(i + 2).text())));
        i += 2;
      } else {
        out.add(token);
      }
    }
    return out;
  }
}
