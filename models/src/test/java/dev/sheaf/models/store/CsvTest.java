package dev.sheaf.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

  @Property
  void whatIsWrittenComesBack(@ForAll @Size(min = 1, max = 5) List<List<String>> lines)
      throws IOException {
    List<List<String>> whole = lines.stream().filter(line -> !line.isEmpty()).toList();
    StringBuilder out = new StringBuilder();
    whole.forEach(line -> Csv.writeLine(out, line.toArray(new String[0])));
    assertEquals(whole, read(out.toString()));
  }

  @Test
  void quotesWhatNeedsIt() {
    StringBuilder out = new StringBuilder();
    Csv.writeLine(out, "a", "", "b\"c", "d,e", "f\r\ng", " h");
    assertEquals("a,\"\",\"b\"\"c\",\"d,e\",\"f\r\ng\",\" h\"\r\n", out.toString());
  }

  @Test
  void readsWhatOthersWrite() throws IOException {
    assertEquals(
        List.of(List.of("a", "b"), List.of("c\nd", ""), List.of("e", "f\"g")),
        read("a,b\n\"c\nd\",\ne,f\"g"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,\"b", "\"a\"b,c"})
  void refusesBrokenQuotes(String text) {
    IOException e = assertThrows(IOException.class, () -> read(text));
    assertTrue(String.valueOf(e.getMessage()).startsWith("line 1: "), e.getMessage());
  }

  private static List<List<String>> read(String text) throws IOException {
    List<List<String>> lines = new ArrayList<>();
    Csv.Lines in = new Csv.Lines(new StringReader(text));
    for (List<String> line = in.next(); !line.isEmpty(); line = in.next()) {
      lines.add(line);
    }
    return lines;
  }
}
