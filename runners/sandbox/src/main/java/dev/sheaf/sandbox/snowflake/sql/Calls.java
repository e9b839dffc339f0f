package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Calls of this server's macros. A macro repeats its argument's text, so that nested ones would
 * grow exponentially: an argument that is itself a call is bound to a name first.
 */
final class Calls {
  private static final Token BOUND = Token.raw("sf_v");

  private Calls() {}

  /** {@code function(value rest)}. */
  static List<Token> of(String function, List<Token> value, String rest) {
    return once(value, name -> plain(function, name, rest));
  }

  static List<Token> plain(String function, List<Token> value, String rest) {
    List<Token> out = new ArrayList<>(value.size() + 4);
    out.add(Token.word(function));
    out.add(Token.symbol("("));
    out.addAll(value);
    if (!rest.isEmpty()) {
      out.add(Token.raw(rest));
    }
    out.add(Token.symbol(")"));
    return out;
  }

  /** What the body makes of a value, whose text stands in the result once if it is no short one. */
  static List<Token> once(List<Token> value, UnaryOperator<List<Token>> body) {
    if (isShort(value)) {
      return body.apply(value);
    }
    List<Token> out = new ArrayList<>();
    out.add(Token.word("list_transform"));
    out.add(Token.symbol("("));
    out.add(Token.symbol("["));
    out.addAll(value);
    out.add(Token.symbol("]"));
    out.add(Token.symbol(","));
    out.add(Token.raw("lambda sf_v:"));
    out.addAll(body.apply(List.of(BOUND)));
    out.add(Token.symbol(")"));
    out.add(Token.symbol("["));
    out.add(Token.raw("1"));
    out.add(Token.symbol("]"));
    return out;
  }

  /** Whether a value may be repeated: it holds no call and no cast. */
  static boolean isShort(List<Token> value) {
    return value.stream().noneMatch(Calls::isNested);
  }

  private static boolean isNested(Token token) {
    return token.isSymbol("(")
        || token.isSymbol("::")
        || (token.kind() == Token.Kind.RAW && token.text().indexOf('(') >= 0);
  }
}
