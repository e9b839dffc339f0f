package dev.sheaf.sandbox.snowflake.sql;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Splits Snowflake SQL into tokens: comments fall away, unquoted words become upper case, string
 * escapes are resolved.
 */
public final class Tokenizer {
  private static final List<String> LONG_SYMBOLS =
      List.of("->>", "::", "||", "<=", ">=", "<>", "!=", "=>", ":=", "->", "**");

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean spaced;

  private Tokenizer(String sql) {
    this.sql = sql;
  }

  /** The tokens of one statement, without a closing semicolon. */
  public static List<Token> tokens(String sql) {
    List<Token> tokens = new Tokenizer(sql).run();
    while (!tokens.isEmpty() && tokens.get(tokens.size() - 1).isSymbol(";")) {
      tokens.remove(tokens.size() - 1);
    }
    for (Token token : tokens) {
      if (token.isSymbol(";")) {
        throw new SnowflakeException(
            8,
            "0A000",
            "Actual statement count 2 did not match the desired statement count 1:"
                + " this server runs one statement a request.");
      }
    }
    return tokens;
  }

  private List<Token> run() {
    while (skipBlank()) {
      char c = sql.charAt(at);
      if (c == '\'') {
        add(Token.Kind.STRING, quoted());
      } else if (c == '"') {
        add(Token.Kind.QUOTED, delimited('"'));
      } else if (sql.startsWith("$$", at)) {
        add(Token.Kind.STRING, dollars());
      } else if (c == '$' && at + 1 < sql.length() && Character.isDigit(sql.charAt(at + 1))) {
        int start = ++at;
        while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
          at++;
        }
        add(Token.Kind.POSITION, sql.substring(start, at));
      } else if (Character.isLetter(c) || c == '_') {
        add(Token.Kind.WORD, word().toUpperCase(Locale.ROOT));
      } else if (Character.isDigit(c) || (c == '.' && startsNumber(at + 1))) {
        add(Token.Kind.NUMBER, number());
      } else if (c == '?') {
        at++;
        add(Token.Kind.BINDING, "?");
      } else if (c == '@') {
        add(Token.Kind.STAGE, stage());
      } else {
        add(Token.Kind.SYMBOL, symbol());
      }
    }
    return tokens;
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, spaced, line));
    spaced = false;
  }

  private boolean startsNumber(int position) {
    return position < sql.length()
        && Character.isDigit(sql.charAt(position))
        && (tokens.isEmpty() || spaced || !tokens.get(tokens.size() - 1).isName());
  }

  /** Moves to the next token; false at the end. */
  private boolean skipBlank() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (Character.isWhitespace(c) || c == '\u00a0') {
        line += c == '\n' ? 1 : 0;
        at++;
      } else if (sql.startsWith("--", at) || sql.startsWith("//", at)) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end;
      } else if (sql.startsWith("/*", at)) {
        int end = sql.indexOf("*/", at + 2);
        if (end < 0) {
          throw unterminated("comment");
        }
        line += (int) sql.substring(at, end).chars().filter(x -> x == '\n').count();
        at = end + 2;
      } else {
        return true;
      }
      spaced = true;
    }
    return false;
  }

  private String quoted() {
    StringBuilder value = new StringBuilder();
    for (at++; at < sql.length(); at++) {
      char c = sql.charAt(at);
      if (c == '\'') {
        if (at + 1 < sql.length() && sql.charAt(at + 1) == '\'') {
          at++;
        } else {
          at++;
          return value.toString();
        }
      } else if (c == '\\' && at + 1 < sql.length()) {
        at++;
        escape(value);
        continue;
      } else if (c == '\n') {
        line++;
      }
      value.append(c);
    }
    throw unterminated("string");
  }

  private void escape(StringBuilder value) {
    char c = sql.charAt(at);
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case '0' -> value.append('\0');
      case 'x' -> hex(value, 2);
      case 'u' -> hex(value, 4);
      default -> value.append(c);
    }
  }

  private void hex(StringBuilder value, int digits) {
    int end = at + 1 + digits;
    if (end <= sql.length()) {
      try {
        value.append((char) Integer.parseInt(sql, at + 1, end, 16));
        at = end - 1;
        return;
      } catch (NumberFormatException e) {
        // Not an escape: the letter stands for itself.
      }
    }
    value.append(sql.charAt(at));
  }

  private String delimited(char quote) {
    StringBuilder value = new StringBuilder();
    for (at++; at < sql.length(); at++) {
      char c = sql.charAt(at);
      if (c == quote) {
        if (at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
          at++;
        } else {
          at++;
          return value.toString();
        }
      }
      value.append(c);
    }
    throw unterminated("identifier");
  }

  private String dollars() {
    int end = sql.indexOf("$$", at + 2);
    if (end < 0) {
      throw unterminated("string");
    }
    String value = sql.substring(at + 2, end);
    line += (int) value.chars().filter(x -> x == '\n').count();
    at = end + 2;
    return value;
  }

  private String word() {
    int start = at;
    while (at < sql.length()
        && (Character.isLetterOrDigit(sql.charAt(at))
            || sql.charAt(at) == '_'
            || sql.charAt(at) == '$')) {
      at++;
    }
    return sql.substring(start, at);
  }

  private String number() {
    int start = at;
    if (sql.startsWith("0x", at) || sql.startsWith("0X", at)) {
      at += 2;
      while (at < sql.length() && Character.digit(sql.charAt(at), 16) >= 0) {
        at++;
      }
      return sql.substring(start, at);
    }
    digits();
    if (at < sql.length() && sql.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < sql.length() && (sql.charAt(at) == 'e' || sql.charAt(at) == 'E')) {
      int mark = at++;
      if (at < sql.length() && (sql.charAt(at) == '+' || sql.charAt(at) == '-')) {
        at++;
      }
      int before = at;
      digits();
      if (at == before) {
        at = mark;
      }
    }
    return sql.substring(start, at);
  }

  private void digits() {
    while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
      at++;
    }
  }

  private String stage() {
    int start = at++;
    while (at < sql.length() && "(),;".indexOf(sql.charAt(at)) < 0 && !blank(sql.charAt(at))) {
      at++;
    }
    return sql.substring(start, at);
  }

  private static boolean blank(char c) {
    return Character.isWhitespace(c);
  }

  private String symbol() {
    for (String symbol : LONG_SYMBOLS) {
      if (sql.startsWith(symbol, at)) {
        at += symbol.length();
        return symbol;
      }
    }
    return String.valueOf(sql.charAt(at++));
  }

  private SnowflakeException unterminated(String what) {
    return SnowflakeException.syntax(
        "parse error line " + line + " near '<EOF>': a " + what + " is not closed.");
  }
}
