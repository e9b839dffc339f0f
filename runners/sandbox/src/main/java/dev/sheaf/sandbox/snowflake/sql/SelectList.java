package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can be told from the text of a simple SELECT: the names of its columns, and which come
 * straight from one table.
 *
 * @param names a name for each item, empty where an item is a star
 * @param sources the table's column that an item shows as it is, empty for any other item
 * @param table the dotted name of the one table, empty where the query has another shape
 * @param isStar whether the only item is a star
 */
public record SelectList(
    List<String> names, List<String> sources, List<String> table, boolean isStar) {
  /** Reads the outermost select list; null where there is none at the front. */
  public static @Nullable SelectList of(Statement statement) {
    if (!statement.hasWords(0, "SELECT")) {
      return null;
    }
    int start = statement.hasWords(1, "DISTINCT") || statement.hasWords(1, "ALL") ? 2 : 1;
    if (statement.hasWords(start, "TOP")) {
      start += 2;
    }
    int from =
        statement.find(
            start,
            "FROM",
            "WHERE",
            "UNION",
            "EXCEPT",
            "MINUS",
            "INTERSECT",
            "GROUP",
            "ORDER",
            "LIMIT",
            "HAVING",
            "QUALIFY");
    List<Statement> items = statement.part(start, from < 0 ? statement.size() : from).commaParts();
    List<String> names = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    boolean star = false;
    for (Statement item : items) {
      if (isStar(item)) {
        star = true;
        continue;
      }
      names.add(name(item));
      sources.add(source(item));
    }
    List<String> table =
        from >= 0 && statement.hasWords(from, "FROM") ? table(statement, from + 1) : List.of();
    return star
        ? new SelectList(List.of(), List.of(), items.size() == 1 ? table : List.of(), true)
        : new SelectList(names, sources, table, false);
  }

  private static boolean isStar(Statement item) {
    for (int i = 0; i < item.size(); i++) {
      boolean first = i == 0 || item.hasSymbol(i - 1, ".");
      if (item.hasSymbol(i, "*") && first) {
        return true;
      }
    }
    return false;
  }

  private static String name(Statement item) {
    int size = item.size();
    if (size == 0) {
      return "";
    }
    Token last = item.at(size - 1);
    boolean alias =
        size >= 2
            && last.isName()
            && !item.at(size - 2).isSymbol("::")
            && !item.at(size - 2).isSymbol(".")
            && (item.at(size - 2).isWord("AS") || endsOperand(item.at(size - 2)))
            && !last.isWord("END");
    if (alias || !source(item).isEmpty()) {
      return last.text();
    }
    StringBuilder text = new StringBuilder();
    for (Token token : item.tokens()) {
      if (token.spaced() && text.length() > 0) {
        text.append(' ');
      }
      text.append(
          token.kind() == Token.Kind.STRING || token.kind() == Token.Kind.QUOTED
              ? token.sql()
              : token.text().toUpperCase(Locale.ROOT));
    }
    return text.toString();
  }

  private static boolean endsOperand(Token token) {
    return switch (token.kind()) {
      case SYMBOL -> token.text().equals(")") || token.text().equals("]");
      case WORD -> !NOT_OPERANDS.contains(token.text());
      case STAGE -> false;
      default -> true;
    };
  }

  private static final java.util.Set<String> NOT_OPERANDS =
      java.util.Set.of(
          "AND",
          "OR",
          "NOT",
          "IS",
          "LIKE",
          "ILIKE",
          "IN",
          "BETWEEN",
          "DISTINCT",
          "CASE",
          "WHEN",
          "THEN",
          "ELSE");

  /** The column that an item shows as it is. */
  private static String source(Statement item) {
    int i = 0;
    while (i + 2 < item.size() && item.at(i).isName() && item.hasSymbol(i + 1, ".")) {
      i += 2;
    }
    if (i >= item.size() || !item.at(i).isName()) {
      return "";
    }
    String column = item.at(i).text();
    int rest = item.size() - i - 1;
    boolean named =
        rest == 0
            || (rest == 1 && item.at(i + 1).isName())
            || (rest == 2 && item.at(i + 1).isWord("AS") && item.at(i + 2).isName());
    boolean word = item.at(i).kind() == Token.Kind.WORD;
    return named && !(word && (column.equals("NULL") || column.startsWith("CURRENT_")))
        ? column
        : "";
  }

  /** The only table after FROM, empty where there are several or none. */
  private static List<String> table(Statement statement, int index) {
    if (index >= statement.size() || !statement.at(index).isName()) {
      return List.of();
    }
    int end = statement.nameEnd(index);
    List<String> name = statement.name(index);
    if (statement.hasSymbol(end, "(") || name.contains("INFORMATION_SCHEMA")) {
      return List.of();
    }
    if (statement.hasWords(end, "AS")) {
      end++;
    }
    if (end < statement.size()
        && statement.at(end).isName()
        && !Reserved.isClause(statement.at(end))) {
      end++;
    }
    boolean alone =
        end >= statement.size()
            || (statement.at(end).kind() == Token.Kind.WORD
                && List.of("WHERE", "ORDER", "LIMIT", "QUALIFY", "OFFSET", "FETCH")
                    .contains(statement.at(end).text()));
    boolean combined = statement.find(end, "UNION", "EXCEPT", "MINUS", "INTERSECT", "JOIN") >= 0;
    return alone && !combined ? name : List.of();
  }
}
