package dev.sheaf.sandbox.snowflake.sql;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A type as a statement spells it.
 *
 * @param text the words and the numbers in brackets
 * @param end the index after it
 */
public record TypeText(String text, int end) {
  private static final Set<String> SECOND =
      Set.of("PRECISION", "VARYING", "WITH", "WITHOUT", "LOCAL", "TIME", "ZONE");

  /** The type that starts at {@code index}, or null where no word stands there. */
  public static @Nullable TypeText at(Statement statement, int index) {
    if (index >= statement.size() || statement.at(index).kind() != Token.Kind.WORD) {
      return null;
    }
    StringBuilder text = new StringBuilder(statement.at(index).text());
    int i = index + 1;
    while (i < statement.size()
        && statement.at(i).kind() == Token.Kind.WORD
        && SECOND.contains(statement.at(i).text())) {
      text.append(' ').append(statement.at(i).text());
      i++;
    }
    boolean sized =
        statement.hasSymbol(i, "(")
            && i + 1 < statement.size()
            && statement.at(i + 1).kind() == Token.Kind.NUMBER;
    if (sized) {
      int close = statement.closing(i);
      for (; i <= close; i++) {
        text.append(statement.at(i).text());
      }
    }
    return new TypeText(text.toString(), i);
  }
}
