package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Functions whose name DuckDB gives to something else: the call goes to this server's macro of
 * another name.
 */
final class CallNames implements Rule {
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("TO_CHAR", "sf_text"),
          Map.entry("TO_VARCHAR", "sf_text"),
          Map.entry("TO_JSON", "sf_to_json"),
          Map.entry("TO_BINARY", "sf_to_binary"),
          Map.entry("TO_DATE", "sf_date"),
          Map.entry("DATE", "sf_date"),
          Map.entry("TO_TIME", "sf_time"),
          Map.entry("TIME", "sf_time"),
          Map.entry("TO_TIMESTAMP", "sf_ntz"),
          Map.entry("TO_TIMESTAMP_NTZ", "sf_ntz"),
          Map.entry("TO_TIMESTAMP_LTZ", "sf_ltz"),
          Map.entry("TO_TIMESTAMP_TZ", "sf_tz"),
          Map.entry("HEX_ENCODE", "sf_hex_encode"),
          Map.entry("CHAR", "chr"),
          Map.entry("LEN", "length"),
          Map.entry("BASE64_ENCODE", "sf_base64_encode"));

  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      String name =
          token.kind() == Token.Kind.WORD
                  && statement.hasSymbol(i + 1, "(")
                  && !statement.hasSymbol(i - 1, ".")
              ? NAMES.get(token.text())
              : null;
      if (name == null) {
        out.add(token);
        continue;
      }
      int close = statement.closing(i + 1);
      List<Statement> arguments = statement.part(i + 2, close).commaParts();
      if (arguments.size() == 1) {
        out.addAll(Calls.of(name, apply(arguments.get(0).tokens()), ""));
      } else {
        out.addAll(Calls.plain(name, apply(statement.part(i + 2, close).tokens()), ""));
      }
      i = close;
    }
    return out;
  }
}
