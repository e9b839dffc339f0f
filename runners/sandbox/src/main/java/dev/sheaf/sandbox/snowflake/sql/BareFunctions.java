package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Functions that may stand without brackets, and those of the session. */
final class BareFunctions implements Rule {
  private static final Map<String, String> CALLS =
      Map.of(
          "CURRENT_TIMESTAMP", "now()",
          "LOCALTIMESTAMP", "now()",
          "GETDATE", "now()",
          "SYSTIMESTAMP", "now()",
          "SYSDATE", "CAST(timezone('UTC', now()) AS TIMESTAMP_NS)",
          "CURRENT_DATE", "CAST(now() AS DATE)",
          "CURRENT_TIME", "CAST(CAST(now() AS TIMESTAMP) AS TIME)",
          "LOCALTIME", "CAST(CAST(now() AS TIMESTAMP) AS TIME)");

  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      String call = token.kind() == Token.Kind.WORD ? CALLS.get(token.text()) : null;
      boolean open = statement.hasSymbol(i + 1, "(");
      boolean needsOpen =
          token.text().equals("GETDATE")
              || token.text().equals("SYSDATE")
              || token.text().equals("SYSTIMESTAMP");
      if (call == null
          || statement.hasSymbol(i - 1, ".")
          || statement.hasSymbol(i + 1, ".")
          || (needsOpen && !open)) {
        out.add(token);
        continue;
      }
      out.add(Token.raw(call));
      if (open) {
        i = statement.closing(i + 1);
      }
    }
    return out;
  }
}
