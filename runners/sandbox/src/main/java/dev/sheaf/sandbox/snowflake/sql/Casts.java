package dev.sheaf.sandbox.snowflake.sql;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code x::type}, {@code CAST(x AS type)} and {@code TRY_CAST} with Snowflake's meaning. */
final class Casts implements Rule {
  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSymbol("::")) {
        Declared type = declared(statement, i + 1);
        if (type != null) {
          int start = operand(out);
          List<Token> value = new ArrayList<>(out.subList(start, out.size()));
          out.subList(start, out.size()).clear();
          out.addAll(cast(value, type.type()));
          i = type.end() - 1;
          continue;
        }
      } else if ((token.isWord("CAST") || token.isWord("TRY_CAST"))
          && statement.hasSymbol(i + 1, "(")) {
        int close = statement.closing(i + 1);
        Statement inner = statement.part(i + 2, close);
        int as = lastAs(inner);
        Declared type = as < 0 ? null : declared(inner, as + 1);
        if (type != null && type.end() == inner.size()) {
          List<Token> value = apply(inner.part(0, as).tokens());
          out.addAll(token.isWord("CAST") ? cast(value, type.type()) : tryCast(value, type.type()));
          i = close;
          continue;
        }
      }
      out.add(token);
    }
    return out;
  }

  private record Declared(SnowflakeType type, int end) {}

  private static int lastAs(Statement inner) {
    int found = -1;
    for (int at = inner.find(0, "AS"); at >= 0; at = inner.find(at + 1, "AS")) {
      found = at;
    }
    return found;
  }

  /** The type declared at {@code index}, or null where no Snowflake type stands there. */
  private static @Nullable Declared declared(Statement statement, int index) {
    TypeText found = TypeText.at(statement, index);
    if (found == null) {
      return null;
    }
    try {
      return new Declared(SnowflakeType.declared(found.text()), found.end());
    } catch (SnowflakeException e) {
      if (e.code() == 2040) {
        return null;
      }
      throw e;
    }
  }

  /** The index at which the operand that ends the list starts. */
  static int operand(List<Token> out) {
    int i = out.size() - 1;
    while (i >= 0) {
      Token token = out.get(i);
      if (token.isSymbol(")") || token.isSymbol("]")) {
        boolean subscript = token.isSymbol("]");
        i = opening(out, i);
        if (subscript) {
          i--;
          continue;
        }
        if (i > 0
            && out.get(i - 1).isName()
            && !Reserved.isClause(out.get(i - 1))
            && !NOT_CALLS.contains(out.get(i - 1).text())) {
          i--;
        }
      } else if (token.isWord("END")) {
        i = caseStart(out, i);
      }
      while (i >= 2
          && out.get(i).isName()
          && out.get(i - 1).isSymbol(".")
          && (out.get(i - 2).isName() || out.get(i - 2).isSymbol(")"))) {
        i -= 2;
      }
      if (i >= 0 && out.get(i).isSymbol(")")) {
        continue;
      }
      if (i > 0
          && out.get(i).kind() == Token.Kind.STRING
          && (out.get(i - 1).isWord("DATE")
              || out.get(i - 1).isWord("TIMESTAMP")
              || out.get(i - 1).isWord("TIME"))) {
        i--;
      }
      return Math.max(i, 0);
    }
    return 0;
  }

  private static final java.util.Set<String> NOT_CALLS =
      java.util.Set.of(
          "SELECT",
          "IN",
          "AND",
          "OR",
          "NOT",
          "THEN",
          "ELSE",
          "WHEN",
          "CASE",
          "VALUES",
          "AS",
          "BY",
          "DISTINCT",
          "BETWEEN",
          "LIKE",
          "IS",
          "RETURN");

  private static int opening(List<Token> out, int close) {
    int depth = 0;
    for (int i = close; i >= 0; i--) {
      Token token = out.get(i);
      if (token.isSymbol(")") || token.isSymbol("]")) {
        depth++;
      } else if (token.isSymbol("(") || token.isSymbol("[")) {
        depth--;
        if (depth == 0) {
          return i;
        }
      }
    }
    throw SnowflakeException.syntax("syntax error unexpected ')'.");
  }

  private static int caseStart(List<Token> out, int end) {
    int depth = 0;
    for (int i = end; i >= 0; i--) {
      if (out.get(i).isWord("END")) {
        depth++;
      } else if (out.get(i).isWord("CASE")) {
        depth--;
        if (depth == 0) {
          return i;
        }
      }
    }
    throw SnowflakeException.syntax("syntax error unexpected 'END'.");
  }

  private static List<Token> cast(List<Token> value, SnowflakeType type) {
    if (type.kind() == SnowflakeType.Kind.FIXED && Calls.isShort(value)) {
      String text = new Statement(value).sql();
      return List.of(
          Token.word("COALESCE"),
          Token.symbol("("),
          Token.raw(Conversions.number(text, type)),
          Token.symbol(")"));
    }
    String function = Conversions.before(type);
    String rest = Conversions.after(type);
    return function.equals("CAST")
        ? Calls.plain(function, value, rest)
        : Calls.of(function, value, rest);
  }

  private static List<Token> tryCast(List<Token> value, SnowflakeType type) {
    List<Token> out = new ArrayList<>();
    boolean plain =
        type.kind() == SnowflakeType.Kind.FIXED || type.kind() == SnowflakeType.Kind.REAL;
    out.add(Token.word(plain ? "TRY_CAST" : "TRY"));
    out.add(Token.symbol("("));
    if (plain) {
      out.addAll(value);
      out.add(Token.raw("AS " + type.duckType()));
    } else {
      out.addAll(cast(value, type));
    }
    out.add(Token.symbol(")"));
    return out;
  }
}
