package dev.sheaf.sandbox.snowflake.copy;

import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code NAME = value} options as COPY and its FILE_FORMAT take them. */
public final class CopyOptions {
  private final Map<String, Statement> values = new LinkedHashMap<>();

  private CopyOptions() {}

  /** Reads options, with or without commas between them. */
  public static CopyOptions parse(Statement statement) {
    CopyOptions options = new CopyOptions();
    int i = 0;
    while (i < statement.size()) {
      if (statement.hasSymbol(i, ",")) {
        i++;
        continue;
      }
      if (!statement.at(i).isName() || !statement.hasSymbol(i + 1, "=")) {
        throw SnowflakeException.syntax(
            "syntax error line "
                + statement.at(i).line()
                + " unexpected '"
                + statement.at(i).text()
                + "'.");
      }
      String name = statement.at(i).text().toUpperCase(Locale.ROOT);
      i += 2;
      if (i >= statement.size()) {
        throw SnowflakeException.syntax("syntax error line 1 unexpected '<EOF>'.");
      }
      int end = statement.hasSymbol(i, "(") ? statement.closing(i) + 1 : i + 1;
      options.values.put(name, statement.part(i, end));
      i = end;
    }
    return options;
  }

  /** The option's text, or null where it is not set. */
  public @Nullable String text(String name) {
    Statement value = values.get(name);
    return value == null ? null : value.at(0).text();
  }

  /** The option's text, or the default. */
  public String text(String name, String otherwise) {
    String value = text(name);
    return value == null ? otherwise : value;
  }

  /** Whether the option says TRUE. */
  public boolean isTrue(String name, String otherwise) {
    String value = text(name, otherwise);
    if (value.equalsIgnoreCase("TRUE")) {
      return true;
    }
    if (value.equalsIgnoreCase("FALSE")) {
      return false;
    }
    throw invalid(name, value, "TRUE or FALSE");
  }

  /** The option's whole number. */
  public long number(String name, long otherwise) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw invalid(name, value, "a whole number");
    }
  }

  /** The strings of a list in brackets, or null where the option is not set. */
  public @Nullable List<String> list(String name) {
    Statement value = values.get(name);
    if (value == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (Token token : value.tokens()) {
      if (token.kind() == Token.Kind.STRING || token.isName()) {
        texts.add(token.text());
      }
    }
    return texts;
  }

  /** The options in brackets, none where the option is not set. */
  public CopyOptions nested(String name) {
    Statement value = values.get(name);
    if (value == null) {
      return new CopyOptions();
    }
    return value.hasSymbol(0, "(") ? parse(value.part(1, value.size() - 1)) : new CopyOptions();
  }

  /** The error for a value that an option does not take. */
  public static SnowflakeException invalid(String name, String value, String valid) {
    return new SnowflakeException(
        1006,
        "42601",
        "SQL compilation error:\ninvalid value ["
            + value
            + "] for parameter '"
            + name
            + "': it takes "
            + valid
            + ".");
  }
}
