package dev.sheaf.sandbox.snowflake.sql;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Conversions with a literal format: {@code TO_VARCHAR(x, 'YYYY-MM-DD')} and its like. */
final class FormatCalls implements Rule {
  private static final Set<String> TO_TEXT = Set.of("TO_VARCHAR", "TO_CHAR");
  private static final Set<String> TO_TIME =
      Set.of(
          "TO_DATE",
          "TO_TIME",
          "TO_TIMESTAMP",
          "TO_TIMESTAMP_NTZ",
          "TO_TIMESTAMP_LTZ",
          "TO_TIMESTAMP_TZ");

  @Override
  public List<Token> apply(List<Token> tokens) {
    List<Token> out = new ArrayList<>(tokens.size());
    Statement statement = new Statement(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      boolean call =
          token.kind() == Token.Kind.WORD
              && (TO_TEXT.contains(token.text()) || TO_TIME.contains(token.text()))
              && statement.hasSymbol(i + 1, "(");
      if (call) {
        int close = statement.closing(i + 1);
        List<Statement> arguments = statement.part(i + 2, close).commaParts();
        if (arguments.size() == 2 && isText(arguments.get(1))) {
          List<Token> value = apply(arguments.get(0).tokens());
          String format = arguments.get(1).at(0).text();
          out.addAll(
              TO_TEXT.contains(token.text()) ? text(value, format) : time(token, value, format));
          i = close;
          continue;
        }
      }
      out.add(token);
    }
    return out;
  }

  private static boolean isText(Statement argument) {
    return argument.size() == 1 && argument.at(0).kind() == Token.Kind.STRING;
  }

  private static List<Token> text(List<Token> value, String format) {
    String upper = format.toUpperCase(Locale.ROOT);
    return switch (upper) {
      case "TM", "TM9", "TME", "HEX" -> Calls.of("sf_text", value, "");
      case "BASE64" -> Calls.of("base64", value, "");
      case "UTF-8", "UTF8" -> Calls.of("decode", value, "");
      default -> {
        if (upper.matches("[9X0$,.GDSMIB]+")) {
          yield fixed(value, upper);
        }
        List<Token> out = Calls.once(value, name -> pieces(name, TimeFormat.pieces(format)));
        yield out;
      }
    };
  }

  private static List<Token> pieces(List<Token> value, List<TimeFormat.Piece> pieces) {
    List<Token> out = new ArrayList<>();
    out.add(Token.symbol("("));
    for (TimeFormat.Piece piece : pieces) {
      if (out.size() > 1) {
        out.add(Token.symbol("||"));
      }
      out.addAll(Calls.plain(piece.macro(), value, piece.argument()));
    }
    out.add(Token.symbol(")"));
    return out;
  }

  private static List<Token> fixed(List<Token> value, String format) {
    int point = Math.max(format.indexOf('.'), format.indexOf('D'));
    if (!format.matches("[90]+([.D][90]+)?")) {
      throw SnowflakeException.unsupported("the number format '" + format + "'");
    }
    int digits = point < 0 ? 0 : format.length() - point - 1;
    List<Token> out = new ArrayList<>();
    out.add(Token.raw("CAST(CAST("));
    out.addAll(value);
    out.add(Token.raw("AS DECIMAL(38," + digits + ")) AS VARCHAR)"));
    return out;
  }

  private static List<Token> time(Token function, List<Token> value, String format) {
    List<Token> inner;
    if (format.equalsIgnoreCase("AUTO") || TimeFormat.isIso(format)) {
      inner = value;
    } else {
      inner = Calls.plain("strptime", value, ", " + Token.string(TimeFormat.strptime(format)));
    }
    List<Token> out = new ArrayList<>();
    out.add(new Token(Token.Kind.WORD, function.text(), function.spaced(), function.line()));
    out.add(Token.symbol("("));
    out.addAll(inner);
    out.add(Token.symbol(")"));
    return out;
  }
}
