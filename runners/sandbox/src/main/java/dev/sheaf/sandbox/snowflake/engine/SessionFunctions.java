package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Dialect;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions whose value is the session's: CURRENT_USER() and its like. */
final class SessionFunctions {
  private SessionFunctions() {}

  /** The statement for DuckDB, with the session's values put in. */
  static String sql(Session session, Statement statement) {
    return Dialect.sql(resolved(session, statement));
  }

  static Statement resolved(Session session, Statement statement) {
    List<Token> out = new ArrayList<>(statement.size());
    for (int i = 0; i < statement.size(); i++) {
      Token token = statement.at(i);
      boolean call = token.kind() == Token.Kind.WORD && token.text().startsWith("CURRENT_");
      boolean brackets = statement.hasSymbol(i + 1, "(") && statement.hasSymbol(i + 2, ")");
      boolean bare = token.isWord("CURRENT_USER") && !statement.hasSymbol(i + 1, ".");
      if (call && (brackets || bare)) {
        String value = value(session, token.text());
        if (value != null) {
          out.add(Token.raw(value));
          i += brackets ? 2 : 0;
          continue;
        }
      }
      out.add(token);
    }
    return new Statement(out);
  }

  private static @Nullable String value(Session session, String function) {
    return switch (function) {
      case "CURRENT_USER" -> Token.string(session.user().toUpperCase(java.util.Locale.ROOT));
      case "CURRENT_ROLE" -> Token.string(session.role());
      case "CURRENT_WAREHOUSE" -> Token.string(session.virtualWarehouse());
      case "CURRENT_SESSION" -> Token.string(session.id());
      case "CURRENT_DATABASE" -> text(session.database());
      case "CURRENT_SCHEMA" -> text(session.schema());
      case "CURRENT_TRANSACTION" ->
          session.transactions().isOpen() ? "'1'" : "CAST(NULL AS VARCHAR)";
      default -> null;
    };
  }

  private static String text(@Nullable String name) {
    return name == null ? "CAST(NULL AS VARCHAR)" : Token.string(name);
  }
}
