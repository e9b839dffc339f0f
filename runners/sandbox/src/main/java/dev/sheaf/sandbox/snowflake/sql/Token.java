package dev.sheaf.sandbox.snowflake.sql;

import java.util.Locale;

/**
 * One piece of a statement.
 *
 * @param text the word in upper case, the identifier or string without its quotes, or the text as
 *     it stands
 * @param spaced whether white space or a comment stands before it
 * @param line the line it starts on, from 1
 */
public record Token(Kind kind, String text, boolean spaced, int line) {
  /** What a token is. */
  public enum Kind {
    /** An unquoted word. */
    WORD,
    /** A quoted identifier. */
    QUOTED,
    /** A string literal. */
    STRING,
    NUMBER,
    /** An operator or a bracket. */
    SYMBOL,
    /** A question mark that stands for a bound value. */
    BINDING,
    /** A column by position, {@code $1}. */
    POSITION,
    /** A stage path, {@code @name/path}. */
    STAGE,
    /** DuckDB text put in by a rule; printed as it stands. */
    RAW
  }

  /** DuckDB text that no later rule looks into. */
  public static Token raw(String text) {
    return new Token(Kind.RAW, text, true, 1);
  }

  /** An unquoted word. */
  public static Token word(String text) {
    return new Token(Kind.WORD, text, true, 1);
  }

  /** An operator or bracket. */
  public static Token symbol(String text) {
    return new Token(Kind.SYMBOL, text, false, 1);
  }

  /** Whether this is the given unquoted word (upper case). */
  public boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  /** Whether this is the given operator or bracket. */
  public boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Whether this names something: a word or a quoted identifier. */
  public boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED;
  }

  /** The token as DuckDB reads it. */
  public String sql() {
    return switch (kind) {
      case QUOTED -> identifier(text);
      case STRING -> string(text);
      default -> text;
    };
  }

  /** A quoted DuckDB identifier. */
  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A DuckDB string literal; a NUL inside is put in by {@code chr(0)}. */
  public static String string(String value) {
    String quoted = '\'' + value.replace("'", "''") + '\'';
    if (value.indexOf('\0') < 0) {
      return quoted;
    }
    return '(' + quoted.replace("\0", "'||chr(0)||'") + ')';
  }

  @Override
  public String toString() {
    return kind + ":" + text.toLowerCase(Locale.ROOT);
  }
}
