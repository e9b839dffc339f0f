package dev.sheaf.models.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts in the order in which they were first seen, each with its index; for one thread. */
public final class Dictionary {
  private final Map<String, Integer> codes = new HashMap<>();
  private final List<String> texts = new ArrayList<>();

  /** The index of a text, which is added if it is new. */
  public int code(String text) {
    Integer code = codes.get(text);
    if (code == null) {
      code = texts.size();
      codes.put(text, code);
      texts.add(text);
    }
    return code;
  }

  /** The text that has an index. */
  public String text(int code) {
    return texts.get(code);
  }

  /** How many texts there are. */
  public int size() {
    return texts.size();
  }

  /** The texts so far; a copy. */
  List<String> texts() {
    return List.copyOf(texts);
  }
}
