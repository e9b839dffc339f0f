package dev.sheaf.sandbox.snowflake.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Snowflake's date and time formats in DuckDB's terms. */
final class TimeFormat {
  private static final Pattern PIECE =
      Pattern.compile(
          "\"([^\"]*)\"|(YYYY|YY|MMMM|MM|MON|DD|DY|HH24|HH12|HH|AM|PM|MI|SS|FF\\d?|TZHTZM|TZH:TZM"
              + "|TZH|TZM)|(.)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Map<String, String> DIRECTIVES =
      Map.ofEntries(
          Map.entry("YYYY", "%Y"),
          Map.entry("YY", "%y"),
          Map.entry("MMMM", "%B"),
          Map.entry("MM", "%m"),
          Map.entry("MON", "%b"),
          Map.entry("DD", "%d"),
          Map.entry("DY", "%a"),
          Map.entry("HH24", "%H"),
          Map.entry("HH12", "%I"),
          Map.entry("HH", "%H"),
          Map.entry("AM", "%p"),
          Map.entry("PM", "%p"),
          Map.entry("MI", "%M"),
          Map.entry("SS", "%S"));

  private TimeFormat() {}

  /** A call that gives one part of the text: the macro and what follows the value. */
  record Piece(String macro, String argument) {}

  static List<Piece> pieces(String format) {
    List<Piece> pieces = new ArrayList<>();
    StringBuilder run = new StringBuilder();
    Matcher matcher = PIECE.matcher(format);
    while (matcher.find()) {
      String word = matcher.group(2) == null ? "" : matcher.group(2).toUpperCase(Locale.ROOT);
      if (word.startsWith("FF")) {
        flush(run, pieces);
        int digits = word.length() == 2 ? 9 : word.charAt(2) - '0';
        pieces.add(new Piece("sf_fraction", ", " + digits));
      } else if (word.startsWith("TZ")) {
        flush(run, pieces);
        zone(word, run, pieces);
      } else {
        run.append(plain(matcher, word));
      }
    }
    flush(run, pieces);
    if (pieces.isEmpty()) {
      pieces.add(new Piece("sf_strf", ", ''"));
    }
    return pieces;
  }

  private static void zone(String word, StringBuilder run, List<Piece> pieces) {
    if (!word.equals("TZM")) {
      pieces.add(new Piece("sf_tzh", ""));
    }
    if (word.contains(":")) {
      run.append(':');
      flush(run, pieces);
    }
    if (word.endsWith("TZM")) {
      pieces.add(new Piece("sf_tzm", ""));
    }
  }

  private static String plain(Matcher matcher, String word) {
    if (matcher.group(1) != null) {
      return matcher.group(1).replace("%", "%%");
    }
    String directive = DIRECTIVES.get(word);
    return directive != null ? directive : matcher.group(3).replace("%", "%%");
  }

  private static void flush(StringBuilder run, List<Piece> pieces) {
    if (run.length() > 0) {
      pieces.add(new Piece("sf_strf", ", " + Token.string(run.toString())));
      run.setLength(0);
    }
  }

  /** Whether the automatic reading understands what this format writes. */
  static boolean isIso(String format) {
    return format
        .toUpperCase(Locale.ROOT)
        .replace("\"", "")
        .matches(
            "YYYY-MM-DD([T ]HH24:MI(:SS(\\.FF\\d?)?)?( ?TZH:?TZM)?)?|HH24:MI(:SS(\\.FF\\d?)?)?");
  }

  /** The format for DuckDB's strptime. */
  static String strptime(String format) {
    StringBuilder out = new StringBuilder();
    Matcher matcher = PIECE.matcher(format);
    while (matcher.find()) {
      String word = matcher.group(2) == null ? "" : matcher.group(2).toUpperCase(Locale.ROOT);
      if (word.startsWith("FF")) {
        out.append("%n");
      } else if (word.startsWith("TZ")) {
        out.append("%z");
      } else {
        out.append(plain(matcher, word));
      }
    }
    return out.toString();
  }
}
