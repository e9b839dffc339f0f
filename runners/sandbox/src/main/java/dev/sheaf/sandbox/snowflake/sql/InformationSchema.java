package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code [DB.]INFORMATION_SCHEMA.view} becomes a call of this server's own table macro. */
final class InformationSchema implements Rule {
  private static final Set<String> VIEWS =
      Set.of("TABLES", "COLUMNS", "SCHEMATA", "DATABASES", "VIEWS");

  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      boolean view =
          tokens.get(i).isName()
              && tokens.get(i).text().equals("INFORMATION_SCHEMA")
              && statement.hasSymbol(i + 1, ".")
              && i + 2 < tokens.size()
              && VIEWS.contains(tokens.get(i + 2).text());
      if (!view) {
        out.add(tokens.get(i));
        continue;
      }
      String database = "current_database()";
      if (out.size() >= 2
          && out.get(out.size() - 1).isSymbol(".")
          && out.get(out.size() - 2).isName()) {
        database = Token.string(out.get(out.size() - 2).text());
        out.remove(out.size() - 1);
        out.remove(out.size() - 1);
      }
      String name = tokens.get(i + 2).text();
      boolean aliased =
          i + 3 < tokens.size()
              && (tokens.get(i + 3).isWord("AS")
                  || (tokens.get(i + 3).isName() && !Reserved.isClause(tokens.get(i + 3))));
      out.add(
          Token.raw("information_" + name + "(" + database + ")" + (aliased ? "" : " AS " + name)));
      i += 2;
    }
    return out;
  }
}
