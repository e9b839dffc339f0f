package dev.sheaf.sandbox.snowflake.sql;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.util.ArrayList;
import java.util.List;

/** The tokens of a statement or of a part of one, with the questions that commands ask of them. */
public record Statement(List<Token> tokens) {
  public Statement {
    tokens = List.copyOf(tokens);
  }

  /** The statement that a text holds. */
  public static Statement of(String sql) {
    return new Statement(Tokenizer.tokens(sql));
  }

  public int size() {
    return tokens.size();
  }

  public Token at(int index) {
    return tokens.get(index);
  }

  /** Whether the tokens from {@code index} on are the given unquoted words. */
  public boolean hasWords(int index, String... words) {
    if (index < 0 || index + words.length > tokens.size()) {
      return false;
    }
    for (int i = 0; i < words.length; i++) {
      if (!tokens.get(index + i).isWord(words[i])) {
        return false;
      }
    }
    return true;
  }

  /** Whether the token at {@code index} is that operator or bracket. */
  public boolean hasSymbol(int index, String symbol) {
    return index >= 0 && index < tokens.size() && tokens.get(index).isSymbol(symbol);
  }

  /** The tokens from {@code from} up to, not with, {@code to}. */
  public Statement part(int from, int to) {
    return new Statement(tokens.subList(from, to));
  }

  /** The tokens from {@code from} on. */
  public Statement from(int from) {
    return part(Math.min(from, tokens.size()), tokens.size());
  }

  /** The index of the bracket that closes the one at {@code open}. */
  public int closing(int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSymbol("(") || token.isSymbol("[")) {
        depth++;
      } else if (token.isSymbol(")") || token.isSymbol("]")) {
        depth--;
        if (depth == 0) {
          return i;
        }
      }
    }
    throw SnowflakeException.syntax(
        "syntax error line "
            + tokens.get(open).line()
            + " unexpected '<EOF>': a '(' is not closed.");
  }

  /** The index of the first of the words outside brackets from {@code from} on, or -1. */
  public int find(int from, String... words) {
    for (int i = from; i < tokens.size(); i++) {
      if (tokens.get(i).isSymbol("(")) {
        i = closing(i);
        continue;
      }
      for (String word : words) {
        if (tokens.get(i).isWord(word)) {
          return i;
        }
      }
    }
    return -1;
  }

  /** The parts between commas outside brackets. */
  public List<Statement> commaParts() {
    List<Statement> parts = new ArrayList<>();
    int start = 0;
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSymbol("(") || token.isSymbol("[")) {
        depth++;
      } else if (token.isSymbol(")") || token.isSymbol("]")) {
        depth--;
      } else if (depth == 0 && token.isSymbol(",")) {
        parts.add(part(start, i));
        start = i + 1;
      }
    }
    parts.add(from(start));
    return parts;
  }

  /** The index after the dotted name that starts at {@code index}. */
  public int nameEnd(int index) {
    int i = index;
    while (i < tokens.size() && tokens.get(i).isName()) {
      i++;
      if (!hasSymbol(i, ".")) {
        return i;
      }
      i++;
      if (hasSymbol(i, ".")) {
        i++;
      }
    }
    throw SnowflakeException.syntax(
        "syntax error line 1: a name is needed, found "
            + (i < tokens.size() ? "'" + tokens.get(i).text() + "'" : "the end of the statement")
            + ".");
  }

  /** The parts of the dotted name that starts at {@code index}; {@code DB..T} has an empty part. */
  public List<String> name(int index) {
    int end = nameEnd(index);
    List<String> parts = new ArrayList<>();
    boolean part = false;
    for (int i = index; i < end; i++) {
      if (tokens.get(i).isSymbol(".")) {
        if (!part) {
          parts.add("");
        }
        part = false;
      } else {
        parts.add(tokens.get(i).text());
        part = true;
      }
    }
    return parts;
  }

  /** The text for DuckDB. */
  public String sql() {
    StringBuilder text = new StringBuilder();
    for (Token token : tokens) {
      if (token.spaced() && text.length() > 0) {
        text.append(' ');
      }
      text.append(token.sql());
    }
    return text.toString();
  }
}
