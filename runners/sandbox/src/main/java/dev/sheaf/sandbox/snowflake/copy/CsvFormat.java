package dev.sheaf.sandbox.snowflake.copy;

import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * FILE_FORMAT = (TYPE = CSV ...): how delimited text is written and read.
 *
 * @param compression GZIP, NONE or AUTO
 * @param enclosure the quote, empty for none
 * @param escape the escape character inside and outside quotes, empty for none
 * @param nullIf texts that stand for NULL; the first is what NULL is written as
 * @param headerLines lines to skip when reading
 * @param header whether column names are written
 */
public record CsvFormat(
    String compression,
    String delimiter,
    String enclosure,
    String escape,
    List<String> nullIf,
    boolean emptyIsNull,
    int headerLines,
    boolean header,
    boolean trim,
    boolean strictCount,
    Charset charset) {
  public CsvFormat {
    nullIf = List.copyOf(nullIf);
  }

  /** Reads the options of a COPY statement. */
  public static CsvFormat of(CopyOptions copy) {
    CopyOptions format = copy.nested("FILE_FORMAT");
    String type = format.text("TYPE", "CSV");
    if (!type.equalsIgnoreCase("CSV")) {
      throw SnowflakeException.unsupported("FILE_FORMAT TYPE = " + type);
    }
    String compression = format.text("COMPRESSION", "AUTO").toUpperCase(Locale.ROOT);
    if (!List.of("AUTO", "GZIP", "NONE").contains(compression)) {
      throw CopyOptions.invalid("COMPRESSION", compression, "AUTO, GZIP or NONE");
    }
    List<String> nulls = format.list("NULL_IF");
    return new CsvFormat(
        compression,
        character(format, "FIELD_DELIMITER", ","),
        character(format, "FIELD_OPTIONALLY_ENCLOSED_BY", ""),
        character(format, "ESCAPE", ""),
        nulls == null ? List.of("\\N") : nulls,
        format.isTrue("EMPTY_FIELD_AS_NULL", "TRUE"),
        (int) format.number("SKIP_HEADER", 0),
        copy.isTrue("HEADER", "FALSE"),
        format.isTrue("TRIM_SPACE", "FALSE"),
        format.isTrue("ERROR_ON_COLUMN_COUNT_MISMATCH", "TRUE"),
        charset(format.text("ENCODING", "UTF8")));
  }

  private static Charset charset(String name) {
    if (name.equalsIgnoreCase("UTF8")) {
      return StandardCharsets.UTF_8;
    }
    try {
      return Charset.forName(name.replaceFirst("(?i)^ISO8859", "ISO-8859-"));
    } catch (IllegalArgumentException e) {
      throw CopyOptions.invalid("ENCODING", name, "the name of a character set, such as UTF8");
    }
  }

  /** One character, also as {@code 0x27}, or NONE. */
  private static String character(CopyOptions format, String name, String otherwise) {
    @Nullable String text = format.text(name);
    if (text == null) {
      return otherwise;
    }
    if (text.equalsIgnoreCase("NONE") || text.isEmpty()) {
      return "";
    }
    String value = text;
    if (text.matches("0[xX][0-9a-fA-F]+")) {
      int code = Integer.parseInt(text.substring(2), 16);
      value = code == 0 ? "" : Character.toString(code);
    }
    if (value.length() > 1 && !name.equals("FIELD_DELIMITER")) {
      throw CopyOptions.invalid(name, text, "one character or NONE");
    }
    return value;
  }

  /** Whether a file of that name is compressed. */
  public boolean gzipped(String fileName) {
    return compression.equals("GZIP") || (compression.equals("AUTO") && fileName.endsWith(".gz"));
  }

  /** Whether files are compressed when written. */
  public boolean writesGzip() {
    return !compression.equals("NONE");
  }

  /** The options of DuckDB's COPY ... TO. */
  public String duckWriteOptions(String quotedColumns) {
    String quote = enclosure.isEmpty() ? "" : enclosure;
    String null0 = nullIf.isEmpty() ? "" : nullIf.get(0);
    return "FORMAT CSV, DELIMITER "
        + Token.string(delimiter)
        + ", QUOTE "
        + Token.string(quote)
        + ", ESCAPE "
        + Token.string(quote)
        + ", NULLSTR "
        + Token.string(null0)
        + ", HEADER "
        + header
        + (quotedColumns.isEmpty() || quote.isEmpty()
            ? ""
            : ", FORCE_QUOTE (" + quotedColumns + ")")
        + ", COMPRESSION "
        + (writesGzip() ? "GZIP" : "NONE");
  }

  /** Whether DuckDB's reader understands this format, with exactly Snowflake's meaning. */
  public boolean readableByDuck() {
    return escape.isEmpty()
        && !trim
        && charset.equals(StandardCharsets.UTF_8)
        && delimiter.length() == 1
        && strictCount
        && headerLines <= 1;
  }

  /** DuckDB's read_csv over files, every column text named c0, c1, .... */
  public String duckRead(List<String> files, int columns, boolean gzip) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < columns; i++) {
      names.append(i == 0 ? "" : ", ").append("'c").append(i).append("': 'VARCHAR'");
    }
    List<String> nulls = new java.util.ArrayList<>(nullIf);
    if (emptyIsNull && !nulls.contains("")) {
      nulls.add("");
    }
    return "read_csv(["
        + files.stream().map(Token::string).collect(Collectors.joining(", "))
        + "], auto_detect=false, header="
        + (headerLines == 1)
        + ", delim="
        + Token.string(delimiter)
        + ", quote="
        + Token.string(enclosure)
        + ", escape="
        + Token.string(enclosure)
        + ", nullstr=["
        + nulls.stream().map(Token::string).collect(Collectors.joining(", "))
        + "], allow_quoted_nulls=false, strict_mode=true, max_line_size=4194304, buffer_size=16777216, columns={"
        + names
        + "}, compression="
        + (gzip ? "'gzip'" : "'none'")
        + ")";
  }

  /** Whether an unquoted text stands for NULL. */
  public boolean isNull(CharSequence text) {
    if (text.length() == 0) {
      return emptyIsNull || nullIf.contains("");
    }
    for (String candidate : nullIf) {
      if (candidate.contentEquals(text)) {
        return true;
      }
    }
    return false;
  }
}
