package dev.sheaf.transforms.snowflake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What the service says of files that a pipe was given.
 *
 * @param nextMark where the next report begins; empty if it was not told
 */
record PipeReport(List<File> files, String nextMark) {

  PipeReport {
    files = List.copyOf(files);
  }

  /**
   * One file.
   *
   * @param path its name in the stage
   * @param complete whether nothing more will happen
   * @param loaded whether every row is in the table
   * @param problem what is wrong, where it is not loaded
   */
  record File(String path, boolean complete, boolean loaded, String problem) {}

  static PipeReport of(JsonNode json) {
    List<File> files = new ArrayList<>();
    for (JsonNode file : json.path("files")) {
      String status = file.path("status").asText();
      boolean loaded = status.equals("LOADED") && file.path("errorsSeen").asLong() == 0;
      files.add(
          new File(
              file.path("path").asText(),
              file.path("complete").asBoolean(),
              loaded,
              loaded ? "" : problem(file, status)));
    }
    return new PipeReport(files, json.path("nextBeginMark").asText(""));
  }

  private static String problem(JsonNode file, String status) {
    StringBuilder text =
        new StringBuilder(status)
            .append(", ")
            .append(file.path("rowsInserted").asLong())
            .append(" of ")
            .append(file.path("rowsParsed").asLong())
            .append(" rows");
    if (file.hasNonNull("firstError")) {
      text.append(": ").append(SnowflakeException.oneLine(file.path("firstError").asText()));
      if (file.hasNonNull("firstErrorLineNum")) {
        text.append(" at line ").append(file.path("firstErrorLineNum").asLong());
      }
      if (file.hasNonNull("firstErrorColumnName")) {
        text.append(", column ").append(file.path("firstErrorColumnName").asText());
      }
    }
    if (file.hasNonNull("systemError")) {
      text.append(": ").append(SnowflakeException.oneLine(file.path("systemError").asText()));
    }
    return text.toString();
  }
}
